#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/bytes.h"

struct sqlite3;
struct sqlite3_stmt;

namespace coffer {

/// A prepared statement. Parameters count from 1, columns from 0. Used by one thread.
class SqlStatement {
  public:
    SqlStatement& bind(int parameter, std::int64_t value);
    SqlStatement& bind(int parameter, ByteView blob);  // copied

    /// True when there is a row to read.
    bool step();

    /// Runs a statement that gives no rows and makes it ready again.
    void run();
    void reset();

    std::int64_t integer(int column);
    ByteView blob(int column);  // valid until the next step

  private:
    friend class SqlDatabase;
    struct Deleter {
        void operator()(sqlite3_stmt* statement) const;
    };
    std::unique_ptr<sqlite3_stmt, Deleter> statement_;
};

/// An SQLite database file (WAL; made 0600 when missing). Used by one thread at a time. Errors:
/// noSpace, ioError, corrupt, busy, permissionDenied; the trail names the file.
class SqlDatabase {
  public:
    /// No part of the path may be a symbolic link (SQLite 3.39; before, the last one): where others
    /// may write to the folder, it could lead to another database. `durable`: a committed
    /// transaction survives power loss (synchronous=FULL).
    SqlDatabase(const std::string& path, bool durable);

    /// Another connection to a database that is open for changes meanwhile. It only reads: a change
    /// through it is Error(permissionDenied).
    static SqlDatabase reader(const std::string& path);

    void execute(const std::string& sql);
    SqlStatement prepare(const std::string& sql);

    /// The first number of the first row that a question gives; 0 when there is none.
    std::int64_t number(const std::string& question);

    /// A transaction was begun by this connection, and is not over.
    bool isInTransaction() const;

    /// Rows that this connection has changed since it was opened.
    std::uint64_t changes() const;

    /// Writes what is committed now into a new file (0600), as one whole database; durable when it
    /// returns. Others may read and write meanwhile. A file of that name is replaced, at once and
    /// only by a whole one. Not within a transaction.
    void copyTo(const std::string& path);

  private:
    struct Deleter {
        void operator()(sqlite3* database) const;
    };
    explicit SqlDatabase(const std::string& path);

    std::unique_ptr<sqlite3, Deleter> database_;
};

/// Begins a transaction; rolls it back unless commit() was called.
class SqlTransaction {
  public:
    explicit SqlTransaction(SqlDatabase& database);
    SqlTransaction(const SqlTransaction&) = delete;
    SqlTransaction& operator=(const SqlTransaction&) = delete;
    ~SqlTransaction();
    void commit();

  private:
    SqlDatabase& database_;
    bool open_ = true;
};

/// As long as it exists, reads see the database as it was at the first of them.
class SqlReading {
  public:
    explicit SqlReading(SqlDatabase& database);
    SqlReading(const SqlReading&) = delete;
    SqlReading& operator=(const SqlReading&) = delete;
    ~SqlReading();

  private:
    SqlDatabase& database_;
};

}  // namespace coffer
