#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/background_work.h"
#include "core/base/guarded.h"
#include "management_server/repositories/server_repositories.h"
#include "management_server/run_archive/kept_run.h"

namespace coffer {

struct EndedRun {
    std::uint64_t number = 0;
    Timestamp ordered;
    Timestamp ended;
};
using EndedRuns = std::vector<EndedRun>;

/// Keeps the logs of runs that have ended in the repositories that they worked on, so that they
/// outlive server.db: who takes a repository over still sees them. Written behind the run by a
/// thread of its own; what cannot be written is logged and tried again. Safe to share between
/// threads; started and stopped by one.
class RunArchive {
  public:
    struct Parts {
        ServerDatabase& database;
        ServerRepositories& repositories;
        const Clock& clock;
        std::uint64_t kept = 10'000;  // runs in each repository
        std::string databasePath;     // where the database lies
    };

    /// All that the parts refer to outlives it.
    explicit RunArchive(const Parts& parts);
    RunArchive(const RunArchive&) = delete;
    RunArchive& operator=(const RunArchive&) = delete;

    void start();

    /// Has the thread write what has ended; for the housekeeping. Quick.
    void look() { background_.ask(); }

    /// Ends the thread, and writes what has ended. Safe to repeat.
    void stop() {
        background_.stop([this] { round(); });
    }

    /// So many runs are kept in each repository, from the next round on.
    void setKept(std::uint64_t kept) { kept_ = kept; }

    /// What the thread does, on this one: writes up to 500 runs of each repository.
    void round();

    /// The log of a run that server.db knows nothing of. Throws Error(notFound) when no repository
    /// does, (invalidArgument), and what reading throws when those that can be read do not have it.
    RunLogPage logOf(std::int64_t run, const RunLogFilter& filter, std::uint64_t after,
                     std::uint32_t atMost) const;

    /// The repository is gone: nothing is known of one that gets its name.
    void forget(const std::string& repository);

  private:
    /// Of a repository: which runs are there, and when each ended, if this server has written it.
    using There = std::map<std::uint64_t, std::optional<Timestamp>>;

    bool keepRunsOf(const std::string& repository, SqlDatabase& database, const EndedRuns& ended,
                    There& there);
    There whatIsIn(Repository& repository) const;
    void goOnBehind(Repository& repository, const There& there) const;

    const Parts parts_;
    std::atomic<std::uint64_t> kept_;
    const Timestamp began_;
    Guarded<std::map<std::string, There>> there_;  // held during a round
    std::optional<std::uint64_t> seen_;            // changes() at a round that left nothing
    BackgroundWork background_;
};

}  // namespace coffer
