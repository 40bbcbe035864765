#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "management_server/tasks/tasks.h"

namespace coffer {

/// What a look at all tasks finds to be done. Nothing here touches anything: the scheduler does.
struct TaskPlan {
    struct Start {
        const KnownTask* task = nullptr;
        std::string reason;
        std::string agent = {};              // at this one alone
        std::optional<Timestamp> done = {};  // due times that are dealt with by it
    };
    struct Passed {
        const KnownTask* task = nullptr;
        Timestamp done;       // due times up to here are dealt with
        bool missed = false;  // the last of them was not made up for
    };
    std::vector<const KnownTask*> settled = {};  // their last runs have ended
    std::vector<Start> starts = {};
    std::vector<Passed> passed = {};
    std::optional<Timestamp> next = {};  // when a due time comes
};

/// How a run stands, as far as triggers ask.
enum class RunFate { active, good, bad };

/// Pure: the same answer for the same questions. `attached` are the agents that have attached since
/// the last look.
TaskPlan planTasks(const std::vector<KnownTask>& tasks, const std::set<std::string>& attached,
                   const std::function<RunFate(std::int64_t run)>& fateOf, Timestamp now);

}  // namespace coffer
