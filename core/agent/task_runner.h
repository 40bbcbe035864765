#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/agent/result_spool.h"
#include "core/agent/run_order.h"
#include "core/agent/run_supervisor.h"
#include "core/agent/worker_process.h"
#include "core/base/guarded.h"
#include "core/base/threads.h"

namespace coffer {

/// Carries out the server's orders: a worker for each run, some of them at once, and the others
/// wait. Every run that was taken ends as a result in the spool, unless this process dies. Safe to
/// share, but for stop().
class TaskRunner {
  public:
    struct Settings {
        unsigned atOnce = 4;  // workers
        std::function<RunSupervisor::Time()> now = std::chrono::steady_clock::now;

        /// Does the work of a run, and what belongs around it (RunHooks); none: the work alone.
        std::function<RunReport(const RunOrder& order, const std::function<RunWish()>& wish,
                                const std::function<RunReport()>& work)>
            around{};
    };

    /// `encode` makes the line that a worker gets. `changed` is called by any thread when there is
    /// something new to tell the server; quick, never throws. All outlive this.
    TaskRunner(WorkerLauncher& launcher, ResultSpool& spool,
               std::function<std::string(const RunOrder&)> encode, std::function<void()> changed,
               Settings settings);
    ~TaskRunner();

    /// Takes a checked order. Nothing happens when this attempt of the run is known; an earlier
    /// attempt that is still at work or waits is ended as "interrupted" first. Throws
    /// Error(conflict) when a later attempt is known, Error(limitExceeded) when too many wait,
    /// Error(unavailable) when stopping.
    void start(const RunOrder& order);

    /// From now on so many workers at a time; what is at work goes on.
    void setAtOnce(unsigned workers);

    /// Nothing happens when the run is not known.
    void cancel(std::int64_t run);

    /// All runs that have no result yet.
    std::vector<RunNews> active() const;

    /// Those of them that something has changed of since the last call.
    std::vector<RunNews> news();

    /// Stops all runs as "interrupted" and waits for their workers, 30 s at most, 60 s with hooks.
    /// Called once or by the destructor.
    void stop();

  private:
    struct Run;
    struct State;
    using RunPointer = std::shared_ptr<Run>;

    void work();
    RunPointer take();
    RunReport carryOut(Run& run);
    RunReport follow(Run& run);
    void finish(const RunPointer& run, RunReport report);
    void wish(Run& run, RunWish wish);

    WorkerLauncher& launcher_;
    ResultSpool& spool_;
    const std::function<std::string(const RunOrder&)> encode_;
    const std::function<void()> changed_;
    const Settings settings_;
    std::unique_ptr<Guarded<State>> state_;
    ThreadScope threads_;
};

}  // namespace coffer
