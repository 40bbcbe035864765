#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "management_server/runs/runs.h"
#include "management_server/tasks/tasks.h"

namespace coffer {

/// Makes runs out of tasks, one for each agent of a task. Safe to share between threads.
class TaskStarter {
  public:
    /// All outlive it.
    TaskStarter(Runs& runs, EventRecorder& events, const Clock& clock)
        : runs_(runs), events_(events), clock_(clock) {}

    struct Order {
        std::string user;                     // whose run it is
        std::string reason;                   // for people: "it is due"
        std::set<std::string> agents = {};    // at these alone; empty: at all
        std::optional<Timestamp> done = {};   // due times that this deals with
        std::optional<TaskRetry> retry = {};  // the last start is tried again
    };

    /// Starts what can be started, and notes it with the task, all in one transaction. Where the
    /// task is at work still, or what it needs is missing, an event tells so. Gives the numbers of
    /// the runs. Throws Error(conflict) when the task is gone or, at a retry, was started again
    /// meanwhile, (limitExceeded) when there is no room for more runs; nothing has happened then.
    std::vector<std::int64_t> start(const KnownTask& task, const Order& order);

    /// The same for a user who waits for it: throws why nothing could be started.
    std::vector<std::int64_t> startNow(const KnownTask& task, const std::string& user);

  private:
    RunRecord runOf(const Task& task, const Task::Part& part, const std::string& user) const;
    std::vector<std::int64_t> start(const KnownTask& task, const Order& order,
                                    std::optional<Error>& refusal);

    Runs& runs_;
    EventRecorder& events_;
    const Clock& clock_;
};

}  // namespace coffer
