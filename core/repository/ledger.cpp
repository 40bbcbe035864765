#include "core/repository/ledger.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/wire.h"

namespace coffer {

namespace {

SqlDatabase openWithSchema(const std::string& path) {
    SqlDatabase database(path, true);
    database.execute(
        "CREATE TABLE IF NOT EXISTS packs(id BLOB PRIMARY KEY, state INTEGER NOT NULL,"
        " size INTEGER NOT NULL, sha256 BLOB NOT NULL, agent BLOB NOT NULL, signature BLOB NOT "
        "NULL,"
        " session BLOB NOT NULL, sequence INTEGER NOT NULL, former INTEGER NOT NULL,"
        " changed INTEGER NOT NULL) WITHOUT ROWID;"
        "CREATE INDEX IF NOT EXISTS packs_by_sequence ON packs(sequence);"
        "CREATE INDEX IF NOT EXISTS packs_by_change ON packs(changed);"
        "CREATE TABLE IF NOT EXISTS snapshots(id BLOB PRIMARY KEY, agent BLOB NOT NULL,"
        " domain BLOB NOT NULL, root BLOB NOT NULL, object BLOB NOT NULL, hidden INTEGER NOT NULL,"
        " signature BLOB NOT NULL, seconds INTEGER NOT NULL, nanoseconds INTEGER NOT NULL,"
        " sequence INTEGER NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS marks(id BLOB PRIMARY KEY, mark BLOB NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS trash(id BLOB PRIMARY KEY, due BLOB NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS agents(id BLOB PRIMARY KEY, key BLOB NOT NULL,"
        " committed INTEGER NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS sessions(id BLOB PRIMARY KEY, agent BLOB NOT NULL,"
        " generation INTEGER NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT "
        "ROWID;");
    database.execute(ProofTable::schema);
    return database;
}

std::optional<Bytes> readMeta(SqlDatabase& database, const std::string& name) {
    SqlStatement read = database.prepare("SELECT value FROM meta WHERE name='" + name + "'");
    if (!read.step()) return {};
    return toBytes(read.blob(0));
}

void writeMeta(SqlDatabase& database, const std::string& name, ByteView value) {
    database.prepare("REPLACE INTO meta VALUES('" + name + "', ?)").bind(1, value).run();
}

// A column that holds an id of fixed length; a database that lies is corrupt.
template <class IdType>
IdType idAt(SqlStatement& row, int column) {
    WireReader reader(row.blob(column));
    const IdType id = reader.id<IdType>();
    reader.expectEnd();
    return id;
}

PackState stateAt(SqlStatement& row, int column) {
    const std::int64_t state = row.integer(column);
    if (state < 1 || state > 5) throw Error(ErrorCode::corrupt, "repo.db: unknown pack state");
    return static_cast<PackState>(state);
}

constexpr const char* packColumns =
    "SELECT id, state, size, sha256, agent, signature, session, former, sequence, changed"
    " FROM packs ";

PackInfo packFrom(SqlStatement& row) {
    PackInfo info;
    info.registration.pack = idAt<PackId>(row, 0);
    info.state = stateAt(row, 1);
    info.registration.size = static_cast<std::uint64_t>(row.integer(2));
    info.registration.sha256 = idAt<Digest>(row, 3);
    info.registration.agent = idAt<AgentId>(row, 4);
    info.registration.signature = idAt<Signature>(row, 5);
    info.session = idAt<SessionId>(row, 6);
    info.former = stateAt(row, 7);
    info.registered = static_cast<std::uint64_t>(row.integer(8));
    info.changed = static_cast<std::uint64_t>(row.integer(9));
    return info;
}

constexpr const char* snapshotColumns =
    "SELECT s.id, agent, domain, root, object, hidden, signature, seconds, nanoseconds,"
    " mark, due, s.sequence"
    " FROM snapshots AS s LEFT JOIN marks ON marks.id=s.id LEFT JOIN trash ON trash.id=s.id ";

SnapshotInfo snapshotFrom(SqlStatement& row) {
    SnapshotInfo info;
    info.registration.id = idAt<SnapshotId>(row, 0);
    info.registration.agent = idAt<AgentId>(row, 1);
    info.registration.domain = idAt<DomainId>(row, 2);
    info.registration.root = idAt<ChunkId>(row, 3);
    info.registration.object = idAt<Digest>(row, 4);
    info.registration.hidden = row.integer(5) != 0;
    info.registration.signature = idAt<Signature>(row, 6);
    info.committed = {row.integer(7), static_cast<std::uint32_t>(row.integer(8))};
    if (const ByteView mark = row.blob(9); !mark.empty()) {
        WireReader reader(mark);
        info.mark = SnapshotMark::read(reader);
        reader.expectEnd();
    }
    if (const ByteView due = row.blob(10); !due.empty()) {
        WireReader reader(due);
        info.due = reader.time();
        reader.expectEnd();
    }
    info.sequence = static_cast<std::uint64_t>(row.integer(11));
    return info;
}

Bytes encodeHead(const ManifestHead& head) {
    WireWriter writer;
    writer.u64(head.sequence);
    writer.raw(head.digest.view());
    writer.time(head.time);
    return writer.take();
}

ManifestHead decodeHead(ByteView data) {
    WireReader reader(data);
    ManifestHead head;
    head.sequence = reader.u64();
    head.digest = reader.id<Digest>();
    head.time = reader.time();
    reader.expectEnd();
    return head;
}

}  // namespace

Ledger::State::State(const std::string& path) : database(openWithSchema(path)) {}

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
        SqlStatement rows = state.database.prepare("SELECT id, state, agent, size FROM packs");
        while (rows.step()) {
            state.remember(idAt<PackId>(rows, 0), {stateAt(rows, 1), idAt<AgentId>(rows, 2),
                                                   static_cast<std::uint64_t>(rows.integer(3))});
        }
    });
}

// Brings the summary of the packs along with a record that is in the database.
void Ledger::State::remember(const ManifestRecord& record) {
    if (const auto* pack = std::get_if<PackRecord>(&record.payload)) {
        const PackRegistration& it = pack->registration;
        remember(it.pack, {PackState::received, it.agent, it.size});
    } else if (const auto* change = std::get_if<PackStateRecord>(&record.payload)) {
        const auto known = packs.find(change->pack);
        if (known == packs.end()) return;
        remember(change->pack, {change->state, known->second.agent, known->second.size});
    }
}

void Ledger::State::remember(const PackId& pack, const PackSummary& summary) {
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
    State& state;
    const ManifestRecord& record;

    void operator()(const GenesisRecord&) const {}
    void operator()(const AgentKeyRecord& agent) const {
        state.database
            .prepare(
                "INSERT INTO agents VALUES(?,?,0)"
                " ON CONFLICT(id) DO UPDATE SET key=excluded.key")
            .bind(1, agent.agent.view())
            .bind(2, agent.key.view())
            .run();
    }
    void operator()(const PackRecord& pack) const {
        const PackRegistration& it = pack.registration;
        state.database.prepare("REPLACE INTO packs VALUES(?,?,?,?,?,?,?,?,?,?)")
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
        state.database.prepare("UPDATE packs SET former=state, state=?, changed=? WHERE id=?")
            .bind(1, static_cast<std::int64_t>(change.state))
            .bind(2, static_cast<std::int64_t>(record.sequence))
            .bind(3, change.pack.view())
            .run();
        ProofTable proofs(state.database);
        const bool sound = change.state == PackState::verified;
        if (change.state == PackState::gone) proofs.removePack(change.pack);
        if (change.state == PackState::suspect) proofs.doubt(change.pack);
        if (sound || change.state == PackState::suspect) {
            proofs.note(PackProof{change.pack, record.time, sound});
        }
    }
    void operator()(const SnapshotRecord& snapshot) const {
        const SnapshotRegistration& it = snapshot.registration;
        state.database.prepare("REPLACE INTO snapshots VALUES(?,?,?,?,?,?,?,?,?,?)")
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
        state.database.prepare("UPDATE agents SET committed=? WHERE id=?")
            .bind(1, static_cast<std::int64_t>(record.sequence))
            .bind(2, it.agent.view())
            .run();
    }
    void operator()(const ForgetRecord& forget) const {
        for (const char* table : {"snapshots", "marks", "trash"}) remove(table, forget.snapshot);
        ProofTable(state.database).removeSnapshot(forget.snapshot);
    }
    void operator()(const MarkRecord& mark) const {
        WireWriter writer;
        mark.mark.write(writer);
        state.database.prepare("REPLACE INTO marks SELECT id, ? FROM snapshots WHERE id=?")
            .bind(1, writer.bytes())
            .bind(2, mark.snapshot.view())
            .run();
    }
    void operator()(const TrashRecord& trash) const {
        WireWriter writer;
        writer.time(trash.due);
        state.database.prepare("REPLACE INTO trash SELECT id, ? FROM snapshots WHERE id=?")
            .bind(1, writer.bytes())
            .bind(2, trash.snapshot.view())
            .run();
    }
    void operator()(const UntrashRecord& untrash) const { remove("trash", untrash.snapshot); }
    void operator()(const OwnerRecord& owner) const {
        WireWriter writer;
        writer.raw(owner.owner.view());
        writer.u64(owner.epoch);
        writeMeta(state.database, "owner", writer.bytes());
    }

  private:
    void remove(const std::string& table, const SnapshotId& id) const {
        state.database.prepare("DELETE FROM " + table + " WHERE id=?").bind(1, id.view()).run();
    }
};

void Ledger::apply(const std::vector<ManifestRecord>& records) {
    if (records.empty()) return;
    state_.with([&](State& state) {
        if (records.front().sequence != state.head.sequence + 1 ||
            records.front().previous != state.head.digest) {
            throw Error(ErrorCode::conflict, "the manifest does not continue what repo.db knows");
        }
        SqlTransaction transaction(state.database);
        for (const ManifestRecord& record : records) {
            std::visit(Applier{state, record}, record.payload);
        }
        const ManifestRecord& last = records.back();
        const ManifestHead head{last.sequence, digestOf(last), last.time};
        writeMeta(state.database, "head", encodeHead(head));
        transaction.commit();
        state.head = head;
        for (const ManifestRecord& record : records) state.remember(record);
    });
}

ManifestHead Ledger::head() const {
    return state_.with([](const State& state) { return state.head; });
}

std::optional<PackInfo> Ledger::pack(const PackId& id) const {
    return state_.with([&](State& state) -> std::optional<PackInfo> {
        SqlStatement row = state.database.prepare(std::string(packColumns) + "WHERE id=?");
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
            std::string(packColumns) + "WHERE sequence>=? AND state<>5 ORDER BY sequence");
        rows.bind(1, static_cast<std::int64_t>(fromSequence));
        while (rows.step()) found.push_back(packFrom(rows));
        return found;
    });
}

std::optional<std::uint64_t> Ledger::firstUnverified() const {
    return state_.with([](State& state) -> std::optional<std::uint64_t> {
        SqlStatement row =
            state.database.prepare("SELECT sequence FROM packs WHERE state=? ORDER BY sequence");
        if (!row.bind(1, static_cast<std::int64_t>(PackState::received)).step()) return {};
        return static_cast<std::uint64_t>(row.integer(0));
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
        SqlStatement row = state.database.prepare(std::string(snapshotColumns) + "WHERE s.id=?");
        if (!row.bind(1, id.view()).step()) return {};
        return snapshotFrom(row);
    });
}

std::vector<SnapshotInfo> Ledger::snapshots() const {
    return state_.with([&](State& state) {
        std::vector<SnapshotInfo> found;
        SqlStatement rows =
            state.database.prepare(std::string(snapshotColumns) + "ORDER BY s.sequence");
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

void Ledger::note(std::span<const PackProof> packs, std::span<const SnapshotProof> snapshots) {
    if (packs.empty() && snapshots.empty()) return;
    state_.with([&](State& state) {
        SqlTransaction transaction(state.database);
        ProofTable proofs(state.database);
        for (const PackProof& proof : packs) proofs.note(proof);
        for (const SnapshotProof& proof : snapshots) proofs.note(proof);
        transaction.commit();
    });
}

std::optional<PackProof> Ledger::proofOf(const PackId& pack) const {
    return state_.with([&](State& state) { return ProofTable(state.database).ofPack(pack); });
}

SnapshotSoundness Ledger::soundnessOf(const SnapshotId& snapshot) const {
    return state_.with(
        [&](State& state) { return ProofTable(state.database).ofSnapshot(snapshot); });
}

std::vector<PackProof> Ledger::readBefore(const Timestamp& time) const {
    return state_.with([&](State& state) { return ProofTable(state.database).readBefore(time); });
}

ProofSummary Ledger::proofSummary(const Timestamp& since) const {
    return state_.with([&](State& state) { return ProofTable(state.database).summary(since); });
}

void Ledger::beginSession(const SessionInfo& session) {
    state_.with([&](State& state) {
        state.database.prepare("REPLACE INTO sessions VALUES(?,?,?)")
            .bind(1, session.id.view())
            .bind(2, session.agent.view())
            .bind(3, static_cast<std::int64_t>(session.generation))
            .run();
    });
}

void Ledger::endSession(const SessionId& session) {
    state_.with([&](State& state) {
        state.database.prepare("DELETE FROM sessions WHERE id=?").bind(1, session.view()).run();
    });
}

void Ledger::dropSessions() {
    state_.with([](State& state) { state.database.execute("DELETE FROM sessions;"); });
}

std::vector<SessionInfo> Ledger::sessions() const {
    return state_.with([](State& state) {
        std::vector<SessionInfo> found;
        SqlStatement rows = state.database.prepare("SELECT id, agent, generation FROM sessions");
        while (rows.step()) {
            found.push_back({idAt<SessionId>(rows, 0), idAt<AgentId>(rows, 1),
                             static_cast<std::uint64_t>(rows.integer(2))});
        }
        return found;
    });
}

}  // namespace coffer
