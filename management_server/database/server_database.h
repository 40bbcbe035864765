#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "core/base/guarded.h"
#include "core/repository/sqlite.h"

namespace coffer {

/// server.db: users, agents, tokens, runs, events, repositories. The tables are all defined in
/// server_schema.cpp; who uses them writes the queries, with the helpers of columns.h. One
/// connection behind a lock; what was committed survives a power loss. Safe to share between
/// threads.
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

    /// Runs `work(SqlDatabase&)` as one transaction and undoes it: to see whether it could be done.
    template <class Work>
    void tryOut(Work&& work) {
        database_.with([&](SqlDatabase& database) {
            const SqlTransaction transaction(database);
            std::forward<Work>(work)(database);
        });
    }

    /// Runs `work(SqlDatabase&)`, which only reads. Statements do not leave it.
    template <class Work>
    auto read(Work&& work) const {
        return database_.with(
            [&](SqlDatabase& database) { return std::forward<Work>(work)(database); });
    }

    /// Changes with everything that is written to it.
    std::uint64_t changes() const {
        return database_.with([](const SqlDatabase& database) { return database.changes(); });
    }

  private:
    mutable Guarded<SqlDatabase> database_;
};

}  // namespace coffer
