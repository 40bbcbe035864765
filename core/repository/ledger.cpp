#include "core/repository/ledger.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/repository/ledger_rows.h"

namespace coffer {

using namespace ledger_rows;

Ledger::Ledger(const std::string& path, const RepositoryId& repository)
    : database_(ledger_rows::open(path)), readers_(path) {
    load(repository);
}

void Ledger::load(const RepositoryId& repository) {
    database_.with([&](SqlDatabase& database) {
        const std::optional<Bytes> owner = readMeta(database, "repository");
        if (!owner) writeMeta(database, "repository", repository.view());
        if (owner && !std::ranges::equal(*owner, repository.view())) {
            throw Error(ErrorCode::conflict, "the state folder belongs to another repository");
        }
        summary_.with([&](Summary& summary) {
            if (const auto head = readMeta(database, "head")) summary.head = decodeHead(*head);
            SqlStatement all = database.prepare("SELECT id, state, agent, size FROM packs");
            summary.remember(all);
        });
    });
}

void Ledger::Summary::remember(SqlStatement& rows) {
    while (rows.step()) {
        remember(idAt<PackId>(rows, 0), {stateAt(rows, 1), idAt<AgentId>(rows, 2),
                                         static_cast<std::uint64_t>(rows.integer(3))});
    }
}

// Head and packs of one moment. No change is waited for: when this program has just committed one
// and not yet remembered it, that is done here.
bool Ledger::refresh() {
    const ManifestHead known = head();
    return readers_.read([&](SqlDatabase& database) {
        const auto stored = readMeta(database, "head");
        const ManifestHead now = stored ? decodeHead(*stored) : ManifestHead{};
        if (now == known) return false;
        if (now.sequence <= known.sequence) {
            throw Error(ErrorCode::corrupt, "repo.db was set back while it was open");
        }
        return summary_.with([&](Summary& summary) {
            if (now.sequence <= summary.head.sequence) return false;
            SqlStatement changed =
                database.prepare("SELECT id, state, agent, size FROM packs WHERE changed>?");
            changed.bind(1, static_cast<std::int64_t>(summary.head.sequence));
            summary.remember(changed);
            summary.head = now;
            return true;
        });
    });
}

ManifestHead Ledger::head() const {
    return summary_.with([](const Summary& summary) { return summary.head; });
}

std::optional<std::uint64_t> Ledger::firstUnknown() const {
    return readers_.read([](SqlDatabase& database) -> std::optional<std::uint64_t> {
        const auto sequence = readMeta(database, "unknown");
        if (!sequence) return {};
        return WireReader(*sequence).u64();
    });
}

std::optional<PackInfo> Ledger::pack(const PackId& id) const {
    return readers_.read([&](SqlDatabase& database) -> std::optional<PackInfo> {
        SqlStatement row = database.prepare(packColumns + "WHERE id=?");
        if (!row.bind(1, id.view()).step()) return {};
        return packFrom(row);
    });
}

PackState Ledger::stateOf(const PackId& id) const {
    return summary_.with([&](const Summary& summary) {
        const auto known = summary.packs.find(id);
        return known == summary.packs.end() ? PackState::gone : known->second.state;
    });
}

std::optional<AgentId> Ledger::agentOf(const PackId& pack) const {
    return summary_.with([&](const Summary& summary) -> std::optional<AgentId> {
        const auto known = summary.packs.find(pack);
        if (known == summary.packs.end()) return {};
        return known->second.agent;
    });
}

std::vector<PackId> Ledger::packsIn(PackState wanted, std::size_t most) const {
    return summary_.with([&](const Summary& summary) {
        const std::uint64_t count =
            std::min<std::uint64_t>(summary.totals[static_cast<std::size_t>(wanted)].packs, most);
        std::vector<PackId> found;
        for (auto at = summary.packs.begin(); found.size() < count; ++at) {
            if (at->second.state == wanted) found.push_back(at->first);
        }
        return found;
    });
}

PackTotals Ledger::totals(PackState wanted) const {
    return summary_.with(
        [&](const Summary& summary) { return summary.totals[static_cast<std::size_t>(wanted)]; });
}

std::vector<PackInfo> Ledger::packs(std::uint64_t fromSequence) const {
    return readers_.read([&](SqlDatabase& database) {
        std::vector<PackInfo> found;
        SqlStatement rows =
            database.prepare(packColumns + "WHERE sequence>=? AND state<>5 ORDER BY sequence");
        rows.bind(1, static_cast<std::int64_t>(fromSequence));
        while (rows.step()) found.push_back(packFrom(rows));
        return found;
    });
}

std::vector<PackInfo> Ledger::unprovenPacksOf(const SnapshotId& snapshot) const {
    return readers_.read([&](SqlDatabase& database) {
        std::vector<PackInfo> found;
        SqlStatement its = database.prepare("SELECT agent, sequence FROM snapshots WHERE id=?");
        if (!its.bind(1, snapshot.view()).step()) return found;
        // In the words of the indexes of these two states, which are small.
        SqlStatement rows =
            database.prepare(packColumns + "WHERE state=1 AND agent=?1 AND sequence<?2 UNION ALL " +
                             packColumns + "WHERE state=3 AND sequence<?2");
        rows.bind(1, its.blob(0)).bind(2, its.integer(1));
        while (rows.step()) found.push_back(packFrom(rows));
        return found;
    });
}

std::vector<PackId> Ledger::goneSince(std::uint64_t fromSequence) const {
    return readers_.read([&](SqlDatabase& database) {
        std::vector<PackId> found;
        SqlStatement rows = database.prepare("SELECT id FROM packs WHERE changed>=? AND state=5");
        rows.bind(1, static_cast<std::int64_t>(fromSequence));
        while (rows.step()) found.push_back(idAt<PackId>(rows, 0));
        return found;
    });
}

std::optional<SnapshotInfo> Ledger::snapshot(const SnapshotId& id) const {
    return readers_.read([&](SqlDatabase& database) -> std::optional<SnapshotInfo> {
        SqlStatement row = database.prepare(snapshotColumns + "WHERE s.id=?");
        if (!row.bind(1, id.view()).step()) return {};
        return snapshotFrom(row);
    });
}

std::vector<SnapshotInfo> Ledger::snapshots() const {
    return readers_.read([&](SqlDatabase& database) {
        std::vector<SnapshotInfo> found;
        SqlStatement rows = database.prepare(snapshotColumns + "ORDER BY s.sequence");
        while (rows.step()) found.push_back(snapshotFrom(rows));
        return found;
    });
}

bool Ledger::anySnapshotSince(std::uint64_t sequence) const {
    return readers_.read([&](SqlDatabase& database) {
        SqlStatement row = database.prepare("SELECT 1 FROM snapshots WHERE sequence>? LIMIT 1");
        return row.bind(1, static_cast<std::int64_t>(sequence)).step();
    });
}

std::optional<VerifyKey> Ledger::agentKey(const AgentId& agent) const {
    return readers_.read([&](SqlDatabase& database) -> std::optional<VerifyKey> {
        SqlStatement row = database.prepare("SELECT key FROM agents WHERE id=?");
        if (!row.bind(1, agent.view()).step()) return {};
        return idAt<VerifyKey>(row, 0);
    });
}

std::uint64_t Ledger::lastCommitOf(const AgentId& agent) const {
    return readers_.read([&](SqlDatabase& database) -> std::uint64_t {
        SqlStatement row = database.prepare("SELECT committed FROM agents WHERE id=?");
        if (!row.bind(1, agent.view()).step()) return 0;
        return static_cast<std::uint64_t>(row.integer(0));
    });
}

std::optional<OwnerRecord> Ledger::owner() const {
    return readers_.read([](SqlDatabase& database) -> std::optional<OwnerRecord> {
        const auto value = readMeta(database, "owner");
        if (!value) return {};
        WireReader reader(*value);
        OwnerRecord owner;
        owner.owner = reader.id<OwnerId>();
        owner.epoch = reader.u64();
        return owner;
    });
}

std::optional<PackProof> Ledger::proofOf(const PackId& pack) const {
    return readers_.read([&](SqlDatabase& database) { return ProofTable(database).ofPack(pack); });
}

std::unordered_set<SnapshotId, IdHash> Ledger::provenSnapshots() const {
    return readers_.read([](SqlDatabase& database) { return ProofTable(database).snapshots(); });
}

std::map<SnapshotId, SnapshotDamage> Ledger::damagedSnapshots() const {
    const bool anySuspect = totals(PackState::suspect).packs > 0;
    return readers_.read(
        [&](SqlDatabase& database) { return ProofTable(database).damaged(anySuspect); });
}

std::vector<SnapshotProof> Ledger::snapshotProofs() const {
    return readers_.read([](SqlDatabase& database) { return ProofTable(database).ofSnapshots(); });
}

std::vector<PackProof> Ledger::readBefore(const Timestamp& time) const {
    return readers_.read(
        [&](SqlDatabase& database) { return ProofTable(database).readBefore(time); });
}

ProofSummary Ledger::proofSummary(const Timestamp& since) const {
    return readers_.read(
        [&](SqlDatabase& database) { return ProofTable(database).summary(since); });
}

}  // namespace coffer
