#include "core/repository/ledger.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/repository/ledger_rows.h"

namespace coffer {

using namespace ledger_rows;

Ledger::State::State(const std::string& path) : database(ledger_rows::open(path)) {}

Ledger::Ledger(const std::string& path, const RepositoryId& repository) : state_(path) {
    load(repository);
}

void Ledger::load(const RepositoryId& repository) {
    state_.with([&](State& state) {
        const std::optional<Bytes> owner = readMeta(state.database, "repository");
        if (!owner) writeMeta(state.database, "repository", repository.view());
        if (owner && !std::ranges::equal(*owner, repository.view())) {
            throw Error(ErrorCode::conflict, "the state folder belongs to another repository");
        }
        if (const auto head = readMeta(state.database, "head")) state.head = decodeHead(*head);
        SqlStatement all = state.database.prepare("SELECT id, state, agent, size FROM packs");
        remember(state, all);
    });
}

void Ledger::remember(State& state, SqlStatement& packs) {
    while (packs.step()) {
        state.remember(idAt<PackId>(packs, 0), {stateAt(packs, 1), idAt<AgentId>(packs, 2),
                                                static_cast<std::uint64_t>(packs.integer(3))});
    }
}

// Head and packs of one moment. The same look without a transaction first: mostly nothing is new.
bool Ledger::refresh() {
    return state_.with([](State& state) {
        const auto readHead = [&] {
            const auto head = readMeta(state.database, "head");
            return head ? decodeHead(*head) : ManifestHead{};
        };
        if (readHead() == state.head) return false;
        const SqlReading reading(state.database);
        const ManifestHead head = readHead();
        if (head.sequence <= state.head.sequence) {
            throw Error(ErrorCode::corrupt, "repo.db was set back while it was open");
        }
        SqlStatement changed =
            state.database.prepare("SELECT id, state, agent, size FROM packs WHERE changed>?");
        changed.bind(1, static_cast<std::int64_t>(state.head.sequence));
        remember(state, changed);
        state.head = head;
        return true;
    });
}

ManifestHead Ledger::head() const {
    return state_.with([](const State& state) { return state.head; });
}

std::optional<std::uint64_t> Ledger::firstUnknown() const {
    return state_.with([](State& state) -> std::optional<std::uint64_t> {
        const auto sequence = readMeta(state.database, "unknown");
        if (!sequence) return {};
        return WireReader(*sequence).u64();
    });
}

std::optional<PackInfo> Ledger::pack(const PackId& id) const {
    return state_.with([&](State& state) -> std::optional<PackInfo> {
        SqlStatement row = state.database.prepare(packColumns + "WHERE id=?");
        if (!row.bind(1, id.view()).step()) return {};
        return packFrom(row);
    });
}

PackState Ledger::stateOf(const PackId& id) const {
    return state_.with([&](State& state) {
        const auto known = state.packs.find(id);
        return known == state.packs.end() ? PackState::gone : known->second.state;
    });
}

std::optional<AgentId> Ledger::agentOf(const PackId& pack) const {
    return state_.with([&](State& state) -> std::optional<AgentId> {
        const auto known = state.packs.find(pack);
        if (known == state.packs.end()) return {};
        return known->second.agent;
    });
}

std::vector<PackId> Ledger::packsIn(PackState wanted) const {
    return state_.with([&](State& state) {
        const std::uint64_t count = state.totals[static_cast<std::size_t>(wanted)].packs;
        std::vector<PackId> found;
        for (auto at = state.packs.begin(); found.size() < count; ++at) {
            if (at->second.state == wanted) found.push_back(at->first);
        }
        return found;
    });
}

PackTotals Ledger::totals(PackState wanted) const {
    return state_.with(
        [&](const State& state) { return state.totals[static_cast<std::size_t>(wanted)]; });
}

std::vector<PackInfo> Ledger::packs(std::uint64_t fromSequence) const {
    return state_.with([&](State& state) {
        std::vector<PackInfo> found;
        SqlStatement rows = state.database.prepare(
            packColumns + "WHERE sequence>=? AND state<>5 ORDER BY sequence");
        rows.bind(1, static_cast<std::int64_t>(fromSequence));
        while (rows.step()) found.push_back(packFrom(rows));
        return found;
    });
}

std::vector<PackInfo> Ledger::unprovenPacksOf(const SnapshotId& snapshot) const {
    return state_.with([&](State& state) {
        std::vector<PackInfo> found;
        SqlStatement its =
            state.database.prepare("SELECT agent, sequence FROM snapshots WHERE id=?");
        if (!its.bind(1, snapshot.view()).step()) return found;
        // In the words of the indexes of these two states, which are small.
        SqlStatement rows = state.database.prepare(
            packColumns + "WHERE state=1 AND agent=?1 AND sequence<?2 UNION ALL " + packColumns +
            "WHERE state=3 AND sequence<?2");
        rows.bind(1, its.blob(0)).bind(2, its.integer(1));
        while (rows.step()) found.push_back(packFrom(rows));
        return found;
    });
}

std::vector<PackId> Ledger::goneSince(std::uint64_t fromSequence) const {
    return state_.with([&](State& state) {
        std::vector<PackId> found;
        SqlStatement rows =
            state.database.prepare("SELECT id FROM packs WHERE changed>=? AND state=5");
        rows.bind(1, static_cast<std::int64_t>(fromSequence));
        while (rows.step()) found.push_back(idAt<PackId>(rows, 0));
        return found;
    });
}

std::optional<SnapshotInfo> Ledger::snapshot(const SnapshotId& id) const {
    return state_.with([&](State& state) -> std::optional<SnapshotInfo> {
        SqlStatement row = state.database.prepare(snapshotColumns + "WHERE s.id=?");
        if (!row.bind(1, id.view()).step()) return {};
        return snapshotFrom(row);
    });
}

std::vector<SnapshotInfo> Ledger::snapshots() const {
    return state_.with([&](State& state) {
        std::vector<SnapshotInfo> found;
        SqlStatement rows = state.database.prepare(snapshotColumns + "ORDER BY s.sequence");
        while (rows.step()) found.push_back(snapshotFrom(rows));
        return found;
    });
}

std::optional<VerifyKey> Ledger::agentKey(const AgentId& agent) const {
    return state_.with([&](State& state) -> std::optional<VerifyKey> {
        SqlStatement row = state.database.prepare("SELECT key FROM agents WHERE id=?");
        if (!row.bind(1, agent.view()).step()) return {};
        return idAt<VerifyKey>(row, 0);
    });
}

std::uint64_t Ledger::lastCommitOf(const AgentId& agent) const {
    return state_.with([&](State& state) -> std::uint64_t {
        SqlStatement row = state.database.prepare("SELECT committed FROM agents WHERE id=?");
        if (!row.bind(1, agent.view()).step()) return 0;
        return static_cast<std::uint64_t>(row.integer(0));
    });
}

std::optional<OwnerRecord> Ledger::owner() const {
    return state_.with([](State& state) -> std::optional<OwnerRecord> {
        const auto value = readMeta(state.database, "owner");
        if (!value) return {};
        WireReader reader(*value);
        OwnerRecord owner;
        owner.owner = reader.id<OwnerId>();
        owner.epoch = reader.u64();
        return owner;
    });
}

std::optional<PackProof> Ledger::proofOf(const PackId& pack) const {
    return state_.with([&](State& state) { return ProofTable(state.database).ofPack(pack); });
}

std::unordered_set<SnapshotId, IdHash> Ledger::provenSnapshots() const {
    return state_.with([](State& state) { return ProofTable(state.database).snapshots(); });
}

std::vector<SnapshotProof> Ledger::snapshotProofs() const {
    return state_.with([](State& state) { return ProofTable(state.database).ofSnapshots(); });
}

std::vector<PackProof> Ledger::readBefore(const Timestamp& time) const {
    return state_.with([&](State& state) { return ProofTable(state.database).readBefore(time); });
}

ProofSummary Ledger::proofSummary(const Timestamp& since) const {
    return state_.with([&](State& state) { return ProofTable(state.database).summary(since); });
}

}  // namespace coffer
