#include "core/sync/sync_store.h"

#include <utility>

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/pipeline/selection.h"
#include "core/repository/sqlite_file.h"

namespace coffer {

namespace {

constexpr std::int64_t version = 1;
constexpr std::size_t longestLink = 4'096;

const char* const tables =
    "CREATE TABLE IF NOT EXISTS pair(name BLOB NOT NULL, source INTEGER, target INTEGER);"
    "CREATE TABLE IF NOT EXISTS entries(folder BLOB NOT NULL, name BLOB NOT NULL,"
    " looks BLOB NOT NULL, PRIMARY KEY(folder, name)) WITHOUT ROWID;";

/// Of the paths of folders that lie in this one, at any depth: the first, and what is behind them.
std::pair<std::string, std::string> rangeBelow(const std::string& path) {
    return {path + '/', path + static_cast<char>('/' + 1)};
}

void write(WireWriter& to, const SyncLook& look) {
    to.u8(static_cast<std::uint8_t>(look.kind));
    to.u64(look.size);
    to.time(look.modified);
    to.u32(look.mode);
    to.sized(look.link);
}

SyncLook readLook(WireReader& from) {
    SyncLook look;
    const std::uint8_t kind = from.u8();
    if (kind < 1 || kind > 4) throw Error(ErrorCode::corrupt, "no kind of entry");
    look.kind = static_cast<SyncKind>(kind);
    look.size = from.u64();
    look.modified = from.time();
    look.mode = from.u32();
    look.link = from.text(longestLink);
    return look;
}

}  // namespace

struct SyncStore::File {
    explicit File(const std::string& path) : database(path, true) {}

    SqlDatabase database;
    std::optional<SqlTransaction> open{};
    std::optional<SqlStatement> list{};
    std::optional<SqlStatement> put{};
    std::optional<SqlStatement> forget{};
    std::optional<SqlStatement> has{};
    std::optional<SqlStatement> forgetIn{};
    std::optional<SqlStatement> forgetBelow{};
};

std::shared_ptr<SyncStore::File> SyncStore::opened(const std::string& path,
                                                   const std::string& pair) {
    auto file = std::make_shared<File>(path);
    SqlDatabase& database = file->database;
    const std::int64_t present = database.number("PRAGMA user_version");
    if (present == 0) {
        database.execute(tables);
        database.prepare("INSERT INTO pair(name) VALUES(?)").bind(1, bytesOf(pair)).run();
        database.execute("PRAGMA user_version=" + std::to_string(version));
    } else {
        SqlStatement row = database.prepare("SELECT count(*) FROM pair WHERE name=?");
        row.bind(1, bytesOf(pair));
        if (present != version || !row.step() || row.integer(0) != 1) {
            throw Error(ErrorCode::corrupt, path + ": of other folders");
        }
    }
    file->list = database.prepare("SELECT name, looks FROM entries WHERE folder=? ORDER BY name");
    file->put = database.prepare("REPLACE INTO entries VALUES(?,?,?)");
    file->forget = database.prepare("DELETE FROM entries WHERE folder=? AND name=?");
    file->has = database.prepare(
        "SELECT EXISTS(SELECT 1 FROM entries WHERE folder=?1 AND name=?2)"
        " OR EXISTS(SELECT 1 FROM entries WHERE folder=?3)"
        " OR EXISTS(SELECT 1 FROM entries WHERE folder>=?4 AND folder<?5)");
    file->forgetIn = database.prepare("DELETE FROM entries WHERE folder=?");
    file->forgetBelow = database.prepare("DELETE FROM entries WHERE folder>=? AND folder<?");
    return file;
}

SyncStore::SyncStore(const std::string& file, const std::string& pair) : path_(file) {
    try {
        file_ = opened(file, pair);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt) throw;
        removeDatabaseFile(file);  // what stays is refused when it is opened again
        file_ = opened(file, pair);
    }
    entries_ = static_cast<std::uint64_t>(file_->database.number("SELECT count(*) FROM entries"));
}

SyncStore::~SyncStore() {
    file_.reset();
    if (isDamaged_) removeDatabaseFile(path_);  // or the next one finds it so
}

std::vector<SyncMemory> SyncStore::of(const std::string& folder) {
    try {
        return read(folder);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt) throw;
        isDamaged_ = true;
        throw Error(ErrorCode::corrupt,
                    std::string("what was remembered of the two folders is damaged, and begun"
                                " anew by the next run: ") +
                        error.what())
            .endingRun();
    }
}

std::vector<SyncMemory> SyncStore::read(const std::string& folder) {
    SqlStatement& rows = *file_->list;
    rows.bind(1, bytesOf(folder));
    std::vector<SyncMemory> found;
    while (rows.step()) {
        SyncMemory memory;
        memory.name = textOf(rows.blob(0));
        WireReader looks(rows.blob(1));
        memory.source = readLook(looks);
        memory.target = readLook(looks);
        found.push_back(std::move(memory));
    }
    rows.reset();
    return found;
}

// An error may have ended the transaction: what was put behind it would be there for good at once,
// before what was done is on the disks. So it ends the run.
void SyncStore::change(const std::function<void()>& work) {
    try {
        if (!file_->open) file_->open.emplace(file_->database);
        work();
        ++waiting_;
    } catch (const Error& error) {
        throw error.endingRun();
    }
}

void SyncStore::put(const std::string& folder, const SyncMemory& memory) {
    if (entries_ >= mostEntries) {
        throw Error(ErrorCode::limitExceeded, "there are more entries than can be remembered");
    }
    WireWriter looks;
    write(looks, memory.source);
    write(looks, memory.target);
    change([&] {
        if (memory.source.kind != SyncKind::folder) forgetBelow(joinPath(folder, memory.name));
        ++entries_;  // or one too many; counted again when it is opened
        file_->put->bind(1, bytesOf(folder))
            .bind(2, bytesOf(memory.name))
            .bind(3, ByteView(looks.bytes()))
            .run();
    });
}

void SyncStore::forget(const std::string& folder, const std::string& name) {
    change([&] {
        file_->forget->bind(1, bytesOf(folder)).bind(2, bytesOf(name)).run();
        forgetBelow(joinPath(folder, name));
        forgotten_.emplace_back(folder, name);
    });
}

// Of a folder that comes back nothing may be remembered: what is in it would look deleted.
void SyncStore::forgetBelow(const std::string& path) {
    file_->forgetIn->bind(1, bytesOf(path)).run();
    const auto& [first, end] = rangeBelow(path);
    file_->forgetBelow->bind(1, bytesOf(first)).bind(2, bytesOf(end)).run();
}

bool SyncStore::knows(const std::string& folder, const std::string& name) {
    const std::string path = joinPath(folder, name);
    const auto& [first, end] = rangeBelow(path);
    SqlStatement& row = *file_->has;
    row.bind(1, bytesOf(folder)).bind(2, bytesOf(name)).bind(3, bytesOf(path));
    row.bind(4, bytesOf(first)).bind(5, bytesOf(end));
    const bool found = row.step() && row.integer(0) != 0;
    row.reset();
    return found;
}

std::optional<SyncStore::Counts> SyncStore::counts() {
    SqlStatement row =
        file_->database.prepare("SELECT source, target FROM pair WHERE source IS NOT NULL");
    if (!row.step()) return {};
    return Counts{static_cast<std::uint64_t>(row.integer(0)),
                  static_cast<std::uint64_t>(row.integer(1))};
}

void SyncStore::setCounts(const Counts& counts) {
    change([&] {
        file_->database.prepare("UPDATE pair SET source=?, target=?")
            .bind(1, static_cast<std::int64_t>(counts.source))
            .bind(2, static_cast<std::int64_t>(counts.target))
            .run();
    });
}

void SyncStore::commit() {
    try {
        if (file_->open) file_->open->commit();
    } catch (const Error& error) {
        throw error.endingRun();
    }
    file_->open.reset();
    waiting_ = 0;
    forgotten_.clear();
}

void SyncStore::commitForgotten() {
    const auto forgotten = std::exchange(forgotten_, {});
    file_->open.reset();
    for (const auto& [folder, name] : forgotten) forget(folder, name);
    commit();
}

}  // namespace coffer
