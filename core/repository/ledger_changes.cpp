// What changes repo.db.
#include <algorithm>

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/repository/ledger.h"
#include "core/repository/ledger_rows.h"

namespace coffer {

using namespace ledger_rows;

// Brings the summary of the packs along with a record that is in the database.
void Ledger::Summary::remember(const ManifestRecord& record) {
    if (const auto* pack = std::get_if<PackRecord>(&record.payload)) {
        const PackRegistration& it = pack->registration;
        remember(it.pack, {PackState::received, it.agent, it.size});
    } else if (const auto* change = std::get_if<PackStateRecord>(&record.payload)) {
        const auto known = packs.find(change->pack);
        if (known == packs.end()) return;
        remember(change->pack, {change->state, known->second.agent, known->second.size});
    }
}

void Ledger::Summary::remember(const PackId& pack, const PackSummary& summary) {
    const auto [known, isNew] = packs.try_emplace(pack, summary);
    if (!isNew) {
        PackTotals& before = totals[static_cast<std::size_t>(known->second.state)];
        --before.packs;
        before.bytes -= known->second.size;
        known->second = summary;
    }
    PackTotals& now = totals[static_cast<std::size_t>(summary.state)];
    ++now.packs;
    now.bytes += summary.size;
}

// Enters one record after the other into the open transaction.
struct Ledger::Applier {
    SqlDatabase& database;
    const ManifestRecord& record;

    void operator()(const GenesisRecord&) const {}
    void operator()(const UnknownRecord&) const {
        if (readMeta(database, "unknown")) return;
        WireWriter writer;
        writer.u64(record.sequence);
        writeMeta(database, "unknown", writer.bytes());
    }
    void operator()(const AgentKeyRecord& agent) const {
        database
            .prepare(
                "INSERT INTO agents VALUES(?,?,0)"
                " ON CONFLICT(id) DO UPDATE SET key=excluded.key")
            .bind(1, agent.agent.view())
            .bind(2, agent.key.view())
            .run();
    }
    void operator()(const PackRecord& pack) const {
        const PackRegistration& it = pack.registration;
        database.prepare("REPLACE INTO packs VALUES(?,?,?,?,?,?,?,?,?,?)")
            .bind(1, it.pack.view())
            .bind(2, static_cast<std::int64_t>(PackState::received))
            .bind(3, static_cast<std::int64_t>(it.size))
            .bind(4, it.sha256.view())
            .bind(5, it.agent.view())
            .bind(6, it.signature.view())
            .bind(7, pack.session.view())
            .bind(8, static_cast<std::int64_t>(record.sequence))
            .bind(9, static_cast<std::int64_t>(PackState::received))
            .bind(10, static_cast<std::int64_t>(record.sequence))
            .run();
    }
    void operator()(const PackStateRecord& change) const {
        database.prepare("UPDATE packs SET former=state, state=?, changed=? WHERE id=?")
            .bind(1, static_cast<std::int64_t>(change.state))
            .bind(2, static_cast<std::int64_t>(record.sequence))
            .bind(3, change.pack.view())
            .run();
        ProofTable proofs(database);
        const bool sound = change.state == PackState::verified;
        if (change.state == PackState::gone) proofs.removePack(change.pack);
        if (change.state == PackState::suspect) proofs.doubt(change.pack);
        if (sound || change.state == PackState::suspect) {
            proofs.note(PackProof{change.pack, record.time, sound});
        }
    }
    void operator()(const SnapshotRecord& snapshot) const {
        const SnapshotRegistration& it = snapshot.registration;
        database.prepare("REPLACE INTO snapshots VALUES(?,?,?,?,?,?,?,?,?,?)")
            .bind(1, it.id.view())
            .bind(2, it.agent.view())
            .bind(3, it.domain.view())
            .bind(4, it.root.view())
            .bind(5, it.object.view())
            .bind(6, it.hidden ? 1 : 0)
            .bind(7, it.signature.view())
            .bind(8, record.time.seconds)
            .bind(9, record.time.nanoseconds)
            .bind(10, static_cast<std::int64_t>(record.sequence))
            .run();
        remove("marks", it.id);
        remove("trash", it.id);
        database.prepare("UPDATE agents SET committed=? WHERE id=?")
            .bind(1, static_cast<std::int64_t>(record.sequence))
            .bind(2, it.agent.view())
            .run();
    }
    void operator()(const ForgetRecord& forget) const {
        for (const char* table : {"snapshots", "marks", "trash"}) remove(table, forget.snapshot);
        ProofTable(database).removeSnapshot(forget.snapshot);
    }
    void operator()(const MarkRecord& mark) const {
        WireWriter writer;
        mark.mark.write(writer);
        database.prepare("REPLACE INTO marks SELECT id, ? FROM snapshots WHERE id=?")
            .bind(1, writer.bytes())
            .bind(2, mark.snapshot.view())
            .run();
    }
    void operator()(const TrashRecord& trash) const {
        WireWriter writer;
        writer.time(trash.due);
        database.prepare("REPLACE INTO trash SELECT id, ? FROM snapshots WHERE id=?")
            .bind(1, writer.bytes())
            .bind(2, trash.snapshot.view())
            .run();
    }
    void operator()(const UntrashRecord& untrash) const { remove("trash", untrash.snapshot); }
    void operator()(const OwnerRecord& owner) const {
        WireWriter writer;
        writer.raw(owner.owner.view());
        writer.u64(owner.epoch);
        writeMeta(database, "owner", writer.bytes());
    }

  private:
    void remove(const std::string& table, const SnapshotId& id) const {
        database.prepare("DELETE FROM " + table + " WHERE id=?").bind(1, id.view()).run();
    }
};

void Ledger::apply(const std::vector<ManifestRecord>& records) {
    if (records.empty()) return;
    database_.with([&](SqlDatabase& database) {
        const ManifestHead before = head();
        if (records.front().sequence != before.sequence + 1 ||
            records.front().previous != before.digest) {
            throw Error(ErrorCode::conflict, "the manifest does not continue what repo.db knows");
        }
        SqlTransaction transaction(database);
        for (const ManifestRecord& record : records) {
            std::visit(Applier{database, record}, record.payload);
        }
        const ManifestRecord& last = records.back();
        const ManifestHead now{last.sequence, digestOf(last), last.time};
        writeMeta(database, "head", encodeHead(now));
        transaction.commit();
        summary_.with([&](Summary& summary) {
            if (summary.head.sequence >= now.sequence) return;  // refresh() has been faster
            summary.head = now;
            for (const ManifestRecord& record : records) summary.remember(record);
        });
    });
}

void Ledger::note(std::span<const PackProof> packs, std::span<const SnapshotProof> snapshots) {
    if (packs.empty() && snapshots.empty()) return;
    database_.with([&](SqlDatabase& database) {
        SqlTransaction transaction(database);
        ProofTable proofs(database);
        for (const PackProof& proof : packs) proofs.note(proof);
        for (const SnapshotProof& proof : snapshots) proofs.note(proof);
        transaction.commit();
    });
}

}  // namespace coffer
