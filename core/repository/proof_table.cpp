#include "core/repository/proof_table.h"

#include "core/base/error.h"
#include "core/repository/ledger_rows.h"
#include "core/repository/manifest_record.h"

namespace coffer {

using ledger_rows::idAt;

namespace {

Timestamp timeAt(SqlStatement& row, int column) {
    const std::int64_t nanoseconds = row.integer(column + 1);
    if (nanoseconds < 0 || nanoseconds >= 1'000'000'000) {
        throw Error(ErrorCode::corrupt, "repo.db: a time that is none");
    }
    return {row.integer(column), static_cast<std::uint32_t>(nanoseconds)};
}

std::string number(PackState state) {
    return std::to_string(static_cast<int>(state));
}

std::uint64_t countAt(SqlStatement& row, int column) {
    return static_cast<std::uint64_t>(row.integer(column));
}

void replace(SqlDatabase& database, const char* table, ByteView id, const Timestamp& time,
             bool sound) {
    database.prepare(std::string("REPLACE INTO ") + table + " VALUES(?,?,?,?)")
        .bind(1, id)
        .bind(2, time.seconds)
        .bind(3, time.nanoseconds)
        .bind(4, sound ? 1 : 0)
        .run();
}

}  // namespace

void ProofTable::note(const PackProof& proof) {
    replace(database_, "pack_proofs", proof.pack.view(), proof.read, proof.sound);
}

void ProofTable::note(const SnapshotProof& proof) {
    replace(database_, "snapshot_proofs", proof.snapshot.view(), proof.time, proof.sound);
}

void ProofTable::removePack(const PackId& pack) {
    database_.prepare("DELETE FROM pack_proofs WHERE id=?").bind(1, pack.view()).run();
}

void ProofTable::removeSnapshot(const SnapshotId& snapshot) {
    database_.prepare("DELETE FROM snapshot_proofs WHERE id=?").bind(1, snapshot.view()).run();
}

void ProofTable::doubt(const PackId& pack) {
    database_
        .prepare(
            "DELETE FROM snapshot_proofs WHERE sound=1 AND id IN (SELECT id FROM snapshots"
            " WHERE sequence > (SELECT sequence FROM packs WHERE packs.id=?))")
        .bind(1, pack.view())
        .run();
}

std::optional<PackProof> ProofTable::ofPack(const PackId& pack) {
    SqlStatement row =
        database_.prepare("SELECT id, seconds, nanoseconds, sound FROM pack_proofs WHERE id=?");
    if (!row.bind(1, pack.view()).step()) return {};
    return PackProof{idAt<PackId>(row, 0), timeAt(row, 1), row.integer(3) != 0};
}

// Without a word about the snapshot itself it is proven when all packs are that it can need: those
// registered before it.
std::unordered_set<SnapshotId, IdHash> ProofTable::snapshots() {
    SqlStatement rows = database_.prepare(
        "WITH unproven AS (SELECT min(sequence) AS first FROM packs WHERE state IN (" +
        number(PackState::received) + "," + number(PackState::suspect) +
        ")) SELECT snapshots.id FROM unproven, snapshots"
        " LEFT JOIN snapshot_proofs ON snapshot_proofs.id = snapshots.id"
        " WHERE coalesce(sound, first IS NULL OR sequence < first)");
    std::unordered_set<SnapshotId, IdHash> found;
    while (rows.step()) found.insert(idAt<SnapshotId>(rows, 0));
    return found;
}

// Who commits has asked for all that suspect packs held: only what became suspect later counts.
std::map<SnapshotId, SnapshotDamage> ProofTable::damaged(bool anySuspect) {
    std::map<SnapshotId, SnapshotDamage> found;
    SqlStatement known = database_.prepare(
        "SELECT snapshots.id FROM snapshot_proofs JOIN snapshots"
        " ON snapshots.id = snapshot_proofs.id WHERE sound=0");
    while (known.step()) found.emplace(idAt<SnapshotId>(known, 0), SnapshotDamage::known);
    if (!anySuspect) return found;
    SqlStatement feared = database_.prepare(
        "SELECT id FROM snapshots WHERE id NOT IN (SELECT id FROM snapshot_proofs)"
        " AND EXISTS (SELECT 1 FROM packs WHERE state=" +
        number(PackState::suspect) +
        " AND packs.sequence < snapshots.sequence AND changed > snapshots.sequence)");
    while (feared.step()) found.emplace(idAt<SnapshotId>(feared, 0), SnapshotDamage::possible);
    return found;
}

std::vector<SnapshotProof> ProofTable::ofSnapshots() {
    SqlStatement rows = database_.prepare(
        "SELECT id, seconds, nanoseconds, sound FROM snapshot_proofs"
        " ORDER BY seconds DESC, nanoseconds DESC");
    std::vector<SnapshotProof> found;
    while (rows.step()) {
        found.push_back({idAt<SnapshotId>(rows, 0), timeAt(rows, 1), rows.integer(3) != 0});
    }
    return found;
}

std::vector<PackProof> ProofTable::readBefore(const Timestamp& time) {
    SqlStatement rows = database_.prepare(
        "SELECT packs.id, coalesce(seconds, 0), coalesce(nanoseconds, 0), coalesce(sound, 1)"
        " FROM packs LEFT JOIN pack_proofs ON packs.id = pack_proofs.id WHERE state=" +
        number(PackState::verified) + " AND coalesce(seconds, 0) < ? ORDER BY 2, packs.id");
    rows.bind(1, time.seconds);
    std::vector<PackProof> found;
    while (rows.step()) {
        found.push_back({idAt<PackId>(rows, 0), timeAt(rows, 1), rows.integer(3) != 0});
    }
    return found;
}

ProofSummary ProofTable::summary(const Timestamp& since) {
    SqlStatement row = database_.prepare(
        "SELECT count(*), coalesce(sum(size), 0),"
        " coalesce(sum(sound=1 AND state=" +
        number(PackState::verified) +
        " AND seconds>=?1), 0),"
        " coalesce(sum(CASE WHEN sound=1 AND state=" +
        number(PackState::verified) +
        " AND seconds>=?1 THEN size ELSE 0 END), 0),"
        " coalesce(sum(seconds IS NULL), 0), min(seconds)"
        " FROM packs LEFT JOIN pack_proofs ON packs.id = pack_proofs.id WHERE state IN (" +
        number(PackState::received) + "," + number(PackState::verified) + "," +
        number(PackState::suspect) + ")");
    ProofSummary summary;
    if (!row.bind(1, since.seconds).step()) return summary;
    summary.packs = countAt(row, 0);
    summary.bytes = countAt(row, 1);
    summary.provenPacks = countAt(row, 2);
    summary.provenBytes = countAt(row, 3);
    summary.unreadPacks = countAt(row, 4);
    if (summary.unreadPacks < summary.packs) summary.oldest = Timestamp{row.integer(5), 0};
    return summary;
}

}  // namespace coffer
