#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include "core/base/guarded.h"
#include "core/repository/sqlite_readers.h"

namespace coffer {

/// server.db: users, agents, tokens, runs, events, repositories. The tables are all defined in
/// server_schema.cpp; who uses them writes the queries, with the helpers of columns.h. Changes go
/// one after the other; who reads has a connection of its own and does not wait for them. What was
/// committed survives a power loss. Safe to share between threads.
class ServerDatabase {
  public:
    /// Opens or makes it and brings it to the present schema, after a copy (schema_upgrade.h).
    /// Throws Error(unsupported) for one that a newer program has changed, (noSpace), (corrupt),
    /// (busy), (ioError).
    explicit ServerDatabase(const std::string& path);

    /// Runs `work(SqlDatabase&)` as one transaction: durable when this returns, undone when
    /// anything leaves it by exception. No remote call, no waiting and no second use of the
    /// database within.
    template <class Work>
    auto change(Work&& work) {
        return database_.with([&](SqlDatabase& database) {
            SqlTransaction transaction(database);
            if constexpr (std::is_void_v<decltype(work(database))>) {
                std::forward<Work>(work)(database);
                transaction.commit();
            } else {
                auto result = std::forward<Work>(work)(database);
                transaction.commit();
                return result;
            }
        });
    }

    /// As change(), for what alone is not worth a backup of the database: changes() stays the same.
    template <class Work>
    void note(Work&& work) {
        database_.with([&](SqlDatabase& database) {
            const std::uint64_t before = database.changes();
            SqlTransaction transaction(database);
            std::forward<Work>(work)(database);
            transaction.commit();
            noted_ += database.changes() - before;
        });
    }

    /// Runs `work(SqlDatabase&)` as one transaction and undoes it: to see whether it could be done.
    template <class Work>
    void tryOut(Work&& work) {
        database_.with([&](SqlDatabase& database) {
            const SqlTransaction transaction(database);
            std::forward<Work>(work)(database);
        });
    }

    /// Runs `work(SqlDatabase&)`, which only reads: one state of the database, with all that was
    /// committed before. A change that is under way is neither seen nor waited for. Statements do
    /// not leave it, and there is no second use of the database within.
    template <class Work>
    auto read(Work&& work) const {
        return readers_.read(std::forward<Work>(work));
    }

    /// As read(), but in turn with the changes: for what is kept in memory and has to follow them
    /// in their order.
    template <class Work>
    auto readInTurn(Work&& work) const {
        return database_.with(
            [&](SqlDatabase& database) { return std::forward<Work>(work)(database); });
    }

    /// Another number after everything that change() has written.
    std::uint64_t changes() const {
        return database_.with(
            [&](const SqlDatabase& database) { return database.changes() - noted_; });
    }

  private:
    mutable Guarded<SqlDatabase> database_;
    SqlReaders readers_;
    std::atomic<std::uint64_t> noted_ = 0;  // rows that note() has changed
};

}  // namespace coffer
