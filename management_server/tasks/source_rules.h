#pragma once

#include <compare>
#include <map>
#include <string>
#include <vector>

#include "core/snapshot/retention_rules.h"
#include "management_server/tasks/tasks.h"

namespace coffer {

/// What tasks back up at one agent, by the names that people know.
struct TaskSource {
    std::string repository;
    std::string agent;
    std::vector<std::string> paths;  // settled, as in Task::Part

    auto operator<=>(const TaskSource&) const = default;

    /// "laptop:/home, /etc", for people, printable and of 200 octets or so.
    std::string shown() const;
};

/// Tasks by name; what they point to outlives them.
using TasksByName = std::map<std::string, const Task*>;

/// Those of a list that this program can read.
TasksByName readable(const std::vector<KnownTask>& known);

/// Which snapshots of each source stay after a backup; sources of which all stay are left out. Of
/// several tasks for one source, what any of them keeps stays; those without rules do not count.
/// Also of tasks that are not enabled: these are started by hand. Pure.
std::map<TaskSource, RetentionRules> rulesBySource(const TasksByName& tasks);

/// Sources of which snapshots may be forgotten that would have stayed: isLower() for each. Pure.
std::vector<TaskSource> loweredSources(const TasksByName& before, const TasksByName& after);

}  // namespace coffer
