#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "management_server/runs/run_record.h"
#include "management_server/tasks/tasks.h"

namespace coffer {

/// So long a task that follows another one waits for room for its runs, in seconds.
constexpr std::int64_t longestOwed = 86'400;

/// What a look at all tasks finds to be done. Nothing here touches anything: the scheduler does.
struct TaskPlan {
    /// One for each task, so that one transaction enters all of it.
    struct Start {
        const KnownTask* task = nullptr;
        std::string reason;
        std::set<std::string> agents = {};   // at these alone; empty: at all
        std::optional<Timestamp> done = {};  // due times that are dealt with by it
        std::optional<TaskRetry> retry = {};
        bool follows = false;  // another task
    };
    struct Passed {
        const KnownTask* task = nullptr;
        std::string agent = {};  // at this one alone
        Timestamp done;          // due times up to here are dealt with
        bool missed = false;     // the last of them was not made up for
    };
    struct Stop {
        const KnownTask* task = nullptr;
        std::int64_t run = 0;  // at work for longer than the task allows
    };
    std::vector<const KnownTask*> settled = {};   // their last start has ended
    std::vector<const KnownTask*> followed = {};  // what follows its work is among the starts
    std::vector<const KnownTask*> unproven = {};  // follow what nobody has verified
    std::vector<const KnownTask*> givenUp = {};   // had no room for too long
    std::vector<const KnownTask*> failed = {};    // and failed as often as they are tried again
    std::vector<Stop> stops = {};
    std::vector<Start> starts = {};
    std::vector<Passed> passed = {};
    std::optional<Timestamp> next = {};  // when to look again
};

/// What a look at all tasks has to know of the rest of the server.
struct TaskOutlook {
    std::set<std::string> attached = {};  // agents that have attached since the last look
    std::vector<RunRecord> begun = {};    // runs of tasks that have not ended
    std::function<std::optional<RunRecord>(std::int64_t run)> find;  // nothing: not kept any more
    // When a task was last ordered at an agent.
    std::function<std::optional<Timestamp>(const std::string& task, const std::string& agent)>
        lastAt = {};
    Timestamp now;
};

/// Pure: the same answer for the same questions. What it plans points into `tasks`.
TaskPlan planTasks(const std::vector<KnownTask>& tasks, const TaskOutlook& outlook);

}  // namespace coffer
