#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/agent/allow_list.h"
#include "core/agent/hook_process.h"
#include "core/agent/run_order.h"
#include "core/agent/run_supervisor.h"

namespace coffer {

/// Runs the hooks of an order around its work: `hook-before`, then the work unless that failed,
/// then `hook-after-success` or `hook-after-failure`, each at every attempt (docs/agent.md,
/// "Hooks"). They run in the agent, not in the worker: one that dies takes no hook with it. Safe to
/// share between threads.
class RunHooks {
  public:
    /// Stands in for what touches the system; tests have their own.
    struct Ways {
        std::function<HookEnd(const HookCall&)> run;
        std::function<void(const std::string& program)> check;  // throws when it is not to be run
    };

    /// Programs that the allow list names and nobody else can change. The list outlives it.
    explicit RunHooks(const AllowList& allowed);
    explicit RunHooks(Ways ways) : ways_(std::move(ways)) {}

    using Wish = std::function<RunWish()>;
    using Work = std::function<RunReport()>;

    /// `work` is done once or not at all. What the hooks did and printed stands in front of the
    /// report's problems. When the run is to be cancelled or stopped, a hook is ended: the one
    /// after a cancelled run when it takes a minute, any after 10 s when the agent stops.
    RunReport around(const RunOrder& order, const Wish& wish, const Work& work) const;

  private:
    struct Call;
    using Entries = std::vector<WorkerProblem>;

    static std::vector<std::string> environmentOf(const Call& call);
    RunReport begin(const RunOrder& order, const Wish& wish, const Work& work,
                    Entries& entries) const;
    void end(const RunOrder& order, const Wish& wish, RunReport& report, Entries& entries) const;

    /// Why it failed; empty when it did not, or there is none.
    std::string run(const Call& call, Entries& entries) const;

    const Ways ways_;
};

}  // namespace coffer
