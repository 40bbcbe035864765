#include "core/repository/sqlite.h"

#include <sqlite3.h>

#include "core/base/error.h"
#include "core/repository/sqlite_file.h"

namespace coffer {

namespace {

ErrorCode codeOf(int result) {
    switch (result & 0xff) {
        case SQLITE_FULL:
            return ErrorCode::noSpace;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return ErrorCode::busy;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return ErrorCode::corrupt;
        case SQLITE_PERM:
        case SQLITE_READONLY:
        case SQLITE_AUTH:
        case SQLITE_CANTOPEN:
            return ErrorCode::permissionDenied;
        case SQLITE_IOERR:
            return ErrorCode::ioError;
        default:
            return ErrorCode::internal;
    }
}

[[noreturn]] void fail(sqlite3* database, int result) {
    const char* file = sqlite3_db_filename(database, "main");
    const std::string what =
        std::string("database ") + (file ? file : "") + ": " + sqlite3_errmsg(database);
    if (sqlite3_extended_errcode(database) == SQLITE_CANTOPEN_SYMLINK) {
        throw Error(ErrorCode::permissionDenied, what + ": a part of its path is a symbolic link");
    }
    // What SQLite calls "unable to open" may be a full disk as well as a missing right.
    const int kind = result & 0xff;
    const int number = sqlite3_system_errno(database);
    if ((kind == SQLITE_CANTOPEN || kind == SQLITE_IOERR) && number != 0) {
        throw Error::fromErrno(number, what);
    }
    throw Error(codeOf(result), what);
}

void check(sqlite3* database, int result) {
    if (result != SQLITE_OK) fail(database, result);
}

const std::string& made(const std::string& path) {
    makeDatabaseFile(path);
    return path;
}

}  // namespace

void SqlStatement::Deleter::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}
void SqlDatabase::Deleter::operator()(sqlite3* database) const {
    sqlite3_close_v2(database);
}

SqlStatement& SqlStatement::bind(int parameter, std::int64_t value) {
    check(sqlite3_db_handle(statement_.get()),
          sqlite3_bind_int64(statement_.get(), parameter, value));
    return *this;
}

SqlStatement& SqlStatement::bind(int parameter, ByteView blob) {
    check(sqlite3_db_handle(statement_.get()),
          sqlite3_bind_blob64(statement_.get(), parameter, blob.data(), blob.size(),
                              SQLITE_TRANSIENT));
    return *this;
}

bool SqlStatement::step() {
    const int result = sqlite3_step(statement_.get());
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    sqlite3* database = sqlite3_db_handle(statement_.get());
    try {
        fail(database, result);
    } catch (...) {
        sqlite3_reset(statement_.get());
        throw;
    }
}

void SqlStatement::run() {
    step();
    reset();
}

void SqlStatement::reset() {
    sqlite3_reset(statement_.get());
}

std::int64_t SqlStatement::integer(int column) {
    return sqlite3_column_int64(statement_.get(), column);
}

ByteView SqlStatement::blob(int column) {
    const void* data = sqlite3_column_blob(statement_.get(), column);
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

SqlDatabase::SqlDatabase(const std::string& path) {
    sqlite3* raw = nullptr;
    constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
    const int result = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
    database_.reset(raw);
    if (!raw) throw Error(ErrorCode::internal, "no memory for a database");
    check(raw, result);
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_timeout(raw, 10'000);
    execute("PRAGMA temp_store=MEMORY");
}

SqlDatabase::SqlDatabase(const std::string& path, bool durable) : SqlDatabase(made(path)) {
    execute("PRAGMA journal_mode=WAL");
    execute(durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
    execute("PRAGMA cache_size=-8192");
}

SqlDatabase SqlDatabase::reader(const std::string& path) {
    SqlDatabase database(path);
    database.execute("PRAGMA query_only=1");
    database.execute("PRAGMA cache_size=-512");
    return database;
}

void SqlDatabase::execute(const std::string& sql) {
    check(database_.get(), sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr));
}

SqlStatement SqlDatabase::prepare(const std::string& sql) {
    sqlite3_stmt* raw = nullptr;
    check(database_.get(), sqlite3_prepare_v3(database_.get(), sql.c_str(), -1,
                                              SQLITE_PREPARE_PERSISTENT, &raw, nullptr));
    SqlStatement statement;
    statement.statement_.reset(raw);
    return statement;
}

std::int64_t SqlDatabase::number(const std::string& question) {
    SqlStatement row = prepare(question);
    return row.step() ? row.integer(0) : 0;
}

bool SqlDatabase::isInTransaction() const {
    return sqlite3_get_autocommit(database_.get()) == 0;
}

std::uint64_t SqlDatabase::changes() const {
    return static_cast<std::uint64_t>(sqlite3_total_changes64(database_.get()));
}

void SqlDatabase::copyTo(const std::string& path) {
    const FreshDatabaseFile fresh(path + ".new");
    SqlStatement vacuum = prepare("VACUUM INTO ?");
    check(database_.get(), sqlite3_bind_text(vacuum.statement_.get(), 1, fresh.path().c_str(), -1,
                                             SQLITE_TRANSIENT));
    vacuum.run();
    fresh.placeAs(path);
}

SqlTransaction::SqlTransaction(SqlDatabase& database) : database_(database) {
    database_.execute("BEGIN IMMEDIATE");
}

SqlTransaction::~SqlTransaction() {
    if (!open_) return;
    try {
        database_.execute("ROLLBACK");
    } catch (const Error&) {
        // The transaction is gone with the connection in any case.
    }
}

void SqlTransaction::commit() {
    database_.execute("COMMIT");
    open_ = false;
}

SqlReading::SqlReading(SqlDatabase& database) : database_(database) {
    database_.execute("BEGIN");
}

SqlReading::~SqlReading() {
    try {
        database_.execute("ROLLBACK");
    } catch (const Error&) {
        // Gone with the connection, as above.
    }
}

}  // namespace coffer
