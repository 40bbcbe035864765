#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "core/base/background_work.h"
#include "management_server/access/audit_log.h"
#include "management_server/events/event_recorder.h"
#include "management_server/repositories/server_repositories.h"
#include "management_server/repositories/steady_time.h"

namespace coffer {

/// How a repository is to be removed.
struct RemovalOrder {
    bool despiteTasks = false;  // also when tasks name it
    bool deleteData = false;    // what lies in its folder goes with it
};

/// Removes repositories from the server (docs/server.md, "Removing a repository"): at first nobody
/// opens them any more; when the grace period is over, a thread that lets others go first deletes
/// what the server keeps of them. Safe to share between threads; started and stopped by one.
class RepositoryRemovals {
  public:
    struct Parts {
        ServerRepositories& repositories;
        EventRecorder& events;
        AuditLog& audit;
        const Clock& clock;
        std::int64_t graceSeconds = 0;

        /// Tasks that name it.
        std::function<std::vector<std::string>(const std::string& repository)> tasks;

        /// Throws Error(conflict) while a run uses it; within the transaction.
        std::function<void(SqlDatabase&, const std::string& repository)> requireNoRun;

        /// What somebody asked for and waits for a second person is about one that is no more as
        /// it was; within the transaction.
        std::function<void(SqlDatabase&, const std::string& repository)> endRequests;

        /// What else server.db says of it goes; within the transaction.
        std::function<void(SqlDatabase&, const std::string& repository)> forget;

        /// It is gone: what is kept of it in memory goes, too.
        std::function<void(const std::string& repository)> gone;
    };

    /// All that the parts refer to outlives it.
    explicit RepositoryRemovals(Parts parts);
    ~RepositoryRemovals() { stop(); }
    RepositoryRemovals(const RepositoryRemovals&) = delete;
    RepositoryRemovals& operator=(const RepositoryRemovals&) = delete;

    void start() { background_.start(); }

    /// Something may be due; for the housekeeping, every minute. Quick. Nothing is due before the
    /// server was up for an hour, or the grace period if that is shorter, and for as long without a
    /// jump of its clock: a grace period that passed at once is none.
    void look();

    /// Whether one is due that somebody still reads: look() soon again.
    bool isWaiting() const { return waiting_; }

    /// Ends behind the file that is being deleted; the rest is done after the next start.
    void stop() { background_.stop(); }

    /// Throws Error(conflict) when it cannot be removed: a run or a task uses it, or its recovery
    /// kit was never confirmed, without which what stays in its folder could never be read again,
    /// or what is to be deleted holds locked snapshots; (notFound), and what opening throws, for
    /// nobody knows what is locked in one that is away.
    void require(const std::string& repository, const RemovalOrder& order) const;

    /// Removes it; gives until when that can be taken back. Throws as require.
    Timestamp remove(const std::string& user, const std::string& repository,
                     const RemovalOrder& order);

    /// Takes that back, as long as its deletion has not begun. Throws Error(notFound).
    void keep(const std::string& user, const std::string& repository);

    /// What the thread does, on this one.
    void deleteDue();

  private:
    void requireUnlocked(const std::string& repository, bool kitConfirmed) const;
    std::vector<RepositoryRecord> due();
    void deleteOne(const std::string& name);
    void tellGone(const RepositoryRecord& record, bool deleted, const std::string& problem);

    const Parts parts_;
    SteadyTime steady_;
    std::atomic<bool> waiting_ = false;
    BackgroundWork background_;
};

}  // namespace coffer
