#include "core/repository/ledger_rows.h"

#include "core/base/error.h"

namespace coffer::ledger_rows {

namespace {

// Raised with each record type that is added: who finds a lower one has to read the manifest anew,
// for the program that wrote it has passed over what it did not know.
constexpr std::int64_t schema = 1;

std::int64_t schemaOf(SqlDatabase& database) {
    SqlStatement version = database.prepare("PRAGMA user_version");
    version.step();
    return version.integer(0);
}

SqlDatabase prepared(const std::string& path) {
    SqlDatabase database(path, true);
    const std::int64_t found = schemaOf(database);
    if (found > schema) {
        throw Error(ErrorCode::unsupported, "repo.db was written by a newer version of Coffer");
    }
    database.execute(
        "CREATE TABLE IF NOT EXISTS packs(id BLOB PRIMARY KEY, state INTEGER NOT NULL,"
        " size INTEGER NOT NULL, sha256 BLOB NOT NULL, agent BLOB NOT NULL, signature BLOB NOT "
        "NULL,"
        " session BLOB NOT NULL, sequence INTEGER NOT NULL, former INTEGER NOT NULL,"
        " changed INTEGER NOT NULL) WITHOUT ROWID;"
        "CREATE INDEX IF NOT EXISTS packs_by_sequence ON packs(sequence);"
        "CREATE INDEX IF NOT EXISTS packs_by_change ON packs(changed);"
        "CREATE INDEX IF NOT EXISTS packs_received ON packs(agent) WHERE state=1;"
        "CREATE INDEX IF NOT EXISTS packs_suspect ON packs(sequence) WHERE state=3;"
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
        "CREATE TABLE IF NOT EXISTS work(id BLOB PRIMARY KEY, program BLOB NOT NULL,"
        " kind INTEGER NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT "
        "ROWID;");
    database.execute(ProofTable::schema);
    if (found < schema) database.execute("PRAGMA user_version=" + std::to_string(schema));
    return database;
}

}  // namespace

SqlDatabase open(const std::string& path) {
    try {
        return prepared(path);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt) throw;
        throw Error(ErrorCode::corrupt,
                    std::string(error.what()) +
                        ": stop the program and move the file away, with those that begin with its "
                        "name; it is made anew from the repository");
    }
}

std::optional<Bytes> readMeta(SqlDatabase& database, const std::string& name) {
    SqlStatement read = database.prepare("SELECT value FROM meta WHERE name='" + name + "'");
    if (!read.step()) return {};
    return toBytes(read.blob(0));
}

void writeMeta(SqlDatabase& database, const std::string& name, ByteView value) {
    database.prepare("REPLACE INTO meta VALUES('" + name + "', ?)").bind(1, value).run();
}

PackState stateAt(SqlStatement& row, int column) {
    const std::int64_t state = row.integer(column);
    if (state < 1 || state > 5) throw Error(ErrorCode::corrupt, "repo.db: unknown pack state");
    return static_cast<PackState>(state);
}

const std::string packColumns =
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

const std::string snapshotColumns =
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

}  // namespace coffer::ledger_rows
