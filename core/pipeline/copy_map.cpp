#include "core/pipeline/copy_map.h"

#include <memory>

#include "core/base/error.h"
#include "core/repository/sqlite_file.h"

namespace coffer {

namespace {

constexpr std::size_t batch = 100;
constexpr std::int64_t version = 1;

const char* const tables =
    "CREATE TABLE IF NOT EXISTS pair(source BLOB NOT NULL, target BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS entries(key BLOB PRIMARY KEY, value BLOB NOT NULL,"
    " copy BLOB NOT NULL, next BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS copied(snapshot BLOB PRIMARY KEY) WITHOUT ROWID;";

bool isFor(SqlDatabase& database, const RepositoryId& from, const RepositoryId& to) {
    SqlStatement row = database.prepare("SELECT count(*) FROM pair WHERE source=? AND target=?");
    row.bind(1, from.view()).bind(2, to.view());
    return row.step() && row.integer(0) == 1;
}

}  // namespace

CopyMap::File::File(const std::string& path) : database(path, false) {}

std::unique_ptr<CopyMap::File> CopyMap::opened(const std::string& path, const RepositoryId& from,
                                               const RepositoryId& to) {
    auto file = std::make_unique<File>(path);
    SqlDatabase& database = file->database;
    const std::int64_t present = database.number("PRAGMA user_version");
    if (present == 0) {
        database.execute(tables);
        database.prepare("INSERT INTO pair VALUES(?,?)")
            .bind(1, from.view())
            .bind(2, to.view())
            .run();
        database.execute("PRAGMA user_version=" + std::to_string(version));
    } else if (present != version || !isFor(database, from, to)) {
        throw Error(ErrorCode::corrupt, path + ": another map");
    }
    if (database.number("SELECT count(*) FROM entries") > mostRows) {
        database.execute("DELETE FROM entries");
    }
    file->find = database.prepare("SELECT value, copy, next FROM entries WHERE key=?");
    file->put = database.prepare("REPLACE INTO entries VALUES(?,?,?,?)");
    file->use = database.prepare("UPDATE entries SET copy=?, next=? WHERE key=?");
    return file;
}

CopyMap::CopyMap(const std::string& file, const RepositoryId& from, const RepositoryId& to) {
    try {
        file_ = opened(file, from, to);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt) throw;
        removeDatabaseFile(file);  // what stays is refused when it is opened again
        file_ = opened(file, from, to);
    }
}

std::optional<CopyMap::Found> CopyMap::find(const Digest& key) {
    constexpr std::size_t size = sizeof(SnapshotId::bytes);
    SqlStatement& row = *file_->find;
    row.bind(1, key.view());
    std::optional<Found> found;
    if (row.step() && row.blob(1).size() == size && row.blob(2).size() == size) {
        found.emplace();
        found->value = toBytes(row.blob(0));
        found->copy = SnapshotId::from(row.blob(1));
        found->next = SnapshotId::from(row.blob(2));
    }
    row.reset();
    return found;
}

void CopyMap::begin() {
    if (!file_->open) file_->open.emplace(file_->database);
}

void CopyMap::changed() {
    if (++waiting_ >= batch) flush();
}

void CopyMap::put(const Digest& key, ByteView value, const SnapshotId& copy) {
    begin();
    file_->put->bind(1, key.view()).bind(2, value).bind(3, copy.view()).bind(4, copy.view()).run();
    changed();
}

void CopyMap::use(const Digest& key, const SnapshotId& copy, const SnapshotId& next) {
    begin();
    file_->use->bind(1, copy.view()).bind(2, next.view()).bind(3, key.view()).run();
    changed();
}

bool CopyMap::wasCopied(const SnapshotId& snapshot) {
    SqlStatement row = file_->database.prepare("SELECT 1 FROM copied WHERE snapshot=?");
    row.bind(1, snapshot.view());
    return row.step();
}

void CopyMap::noteCopied(const SnapshotId& snapshot) {
    file_->database.prepare("INSERT OR IGNORE INTO copied VALUES(?)")
        .bind(1, snapshot.view())
        .run();
    flush();
}

void CopyMap::flush() {
    if (file_->open) file_->open->commit();
    file_->open.reset();
    waiting_ = 0;
}

}  // namespace coffer
