#include "core/catalog/catalog_file.h"

#include <algorithm>
#include <array>
#include <bit>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/wire.h"
#include "core/repository/sqlite_check.h"
#include "core/repository/sqlite_file.h"

namespace coffer {

namespace {

constexpr std::int64_t schema = 1;

// Of a version, `last` is 0 as long as no later snapshot of its source differs.
constexpr const char* tables = R"(
    CREATE TABLE catalog(repository BLOB NOT NULL, incarnation INTEGER NOT NULL);
    CREATE TABLE sources(id INTEGER PRIMARY KEY, agent BLOB NOT NULL, paths BLOB NOT NULL,
        next INTEGER NOT NULL, UNIQUE(agent, paths));
    CREATE TABLE snapshots(source INTEGER NOT NULL, number INTEGER NOT NULL, id BLOB NOT NULL,
        whole INTEGER NOT NULL, PRIMARY KEY(source, number)) WITHOUT ROWID;
    CREATE TABLE names(id INTEGER PRIMARY KEY, name BLOB NOT NULL);
    CREATE UNIQUE INDEX names_name ON names(name);
    CREATE TABLE paths(id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, name INTEGER NOT NULL);
    CREATE UNIQUE INDEX paths_place ON paths(parent, name);
    CREATE INDEX paths_name ON paths(name);
    CREATE TABLE versions(path INTEGER NOT NULL, source INTEGER NOT NULL, first INTEGER NOT NULL,
        last INTEGER NOT NULL, type INTEGER NOT NULL, size INTEGER NOT NULL,
        seconds INTEGER NOT NULL, nanoseconds INTEGER NOT NULL,
        PRIMARY KEY(path, source, first)) WITHOUT ROWID;
)";

template <class IdType>
IdType idIn(SqlStatement& row, int column) {
    const ByteView octets = row.blob(column);
    if (octets.size() != sizeof(IdType::bytes)) {
        throw Error(ErrorCode::corrupt, "the catalogue has an id of the wrong length");
    }
    return IdType::from(octets);
}

CatalogSnapshot snapshotIn(SqlStatement& row) {
    return {row.integer(0), row.integer(1), idIn<SnapshotId>(row, 2), row.integer(3) != 0};
}

std::int64_t aRandomNumber() {
    std::array<std::uint8_t, sizeof(std::int64_t)> octets{};
    fillRandom(octets);
    return std::bit_cast<std::int64_t>(octets);
}

}  // namespace

CatalogSource CatalogSource::of(const AgentId& agent, const DomainId& domain,
                                std::vector<std::string> paths) {
    std::ranges::sort(paths);
    WireWriter writer;
    writer.raw(domain.view());
    for (const std::string& path : paths) writer.sized(path);
    return {agent, sha256(writer.bytes())};
}

CatalogFile::CatalogFile(const std::string& path, const RepositoryId& repository)
    : path_(path), database_(path, false) {
    if (database_.number("SELECT count(*) FROM sqlite_master") == 0) create(repository);
    load(repository);
}

// Two may find it empty at the same time.
void CatalogFile::create(const RepositoryId& repository) {
    SqlTransaction transaction(database_);
    if (database_.number("SELECT count(*) FROM sqlite_master") > 0) return;
    database_.execute(tables);
    database_.execute("PRAGMA user_version = " + std::to_string(schema));
    database_.prepare("INSERT INTO catalog VALUES(?, ?)")
        .bind(1, repository.view())
        .bind(2, aRandomNumber())
        .run();
    transaction.commit();
}

void CatalogFile::load(const RepositoryId& repository) {
    if (database_.number("PRAGMA user_version") != schema) {
        throw Error(ErrorCode::unsupported, "a catalogue of another schema");
    }
    SqlStatement row = database_.prepare("SELECT repository, incarnation FROM catalog");
    if (!row.step()) throw Error(ErrorCode::corrupt, "a catalogue of no repository");
    if (idIn<RepositoryId>(row, 0) != repository) {
        throw Error(ErrorCode::conflict, "the catalogue of another repository");
    }
    incarnation_ = row.integer(1);
}

void CatalogFile::check(const std::function<void()>& look) const {
    checkDatabase(path_, look);
}

std::vector<CatalogSnapshot> CatalogFile::snapshots() {
    std::vector<CatalogSnapshot> known;
    SqlStatement row = database_.prepare(
        "SELECT source, number, id, whole FROM snapshots ORDER BY source, number");
    while (row.step()) known.push_back(snapshotIn(row));
    return known;
}

std::vector<CatalogSnapshot> CatalogFile::newest(std::int64_t source) {
    std::vector<CatalogSnapshot> found;
    SqlStatement row = database_.prepare(
        "SELECT source, number, id, whole FROM snapshots WHERE source = ? ORDER BY number DESC");
    row.bind(1, source);
    while ((found.empty() || !found.back().whole) && row.step()) found.push_back(snapshotIn(row));
    return found;
}

AgentId CatalogFile::agentOf(std::int64_t source) {
    SqlStatement row = database_.prepare("SELECT agent FROM sources WHERE id = ?");
    if (!row.bind(1, source).step()) {
        throw Error(ErrorCode::corrupt, "the catalogue has snapshots of no source");
    }
    return idIn<AgentId>(row, 0);
}

std::int64_t CatalogFile::sourceOf(const CatalogSource& source) {
    database_.prepare("INSERT OR IGNORE INTO sources(agent, paths, next) VALUES(?, ?, 1)")
        .bind(1, source.agent.view())
        .bind(2, source.paths.view())
        .run();
    SqlStatement row = database_.prepare("SELECT id FROM sources WHERE agent = ? AND paths = ?");
    row.bind(1, source.agent.view()).bind(2, source.paths.view());
    if (!row.step()) throw Error(ErrorCode::corrupt, "the catalogue loses sources");
    return row.integer(0);
}

std::int64_t CatalogFile::begin(std::int64_t source, const SnapshotId& id) {
    SqlStatement begun =
        database_.prepare("SELECT number FROM snapshots WHERE source = ? AND id = ? AND whole = 0");
    if (begun.bind(1, source).bind(2, id.view()).step()) return begun.integer(0);
    SqlTransaction transaction(database_);
    SqlStatement row = database_.prepare("SELECT next FROM sources WHERE id = ?");
    if (!row.bind(1, source).step()) {
        throw Error(ErrorCode::corrupt, "the catalogue loses sources");
    }
    const std::int64_t number = row.integer(0);
    row.reset();
    database_.prepare("INSERT INTO snapshots VALUES(?, ?, ?, 0)")
        .bind(1, source)
        .bind(2, number)
        .bind(3, id.view())
        .run();
    database_.prepare("UPDATE sources SET next = next + 1 WHERE id = ?").bind(1, source).run();
    transaction.commit();
    return number;
}

void CatalogFile::remove(const std::string& path) {
    const std::error_code failure = removeDatabaseFile(path);
    if (failure) throw Error::fromErrno(failure.value(), "remove " + path);
}

}  // namespace coffer
