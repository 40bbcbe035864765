#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "management_server/tasks/task_rules.h"

namespace coffer {

/// How far a task is: what the scheduler has to know after a restart.
struct TaskStand {
    Timestamp done;                       // its due times up to here have been dealt with
    std::optional<Timestamp> started;     // its last start
    std::vector<std::int64_t> runs = {};  // of that start; of each agent its last one
    bool settled = true;                  // whether their end has been dealt with
    bool followed = false;                // whether what follows their work was started before
    std::int64_t retries = 0;             // how often that start has been tried again
    std::optional<Timestamp> owed = {};   // since when it is to follow another one and has no room
};

/// A start that is tried again where it failed.
struct TaskRetry {
    std::int64_t number = 0;                     // from 1
    std::map<std::string, std::int64_t> failed;  // runs by their agents
};

/// A task as server.db has it. A value.
struct TaskRecord {
    std::string name;
    TaskSettings settings;
    std::int64_t version = 0;  // grows with each change
    Timestamp changed;
    std::string changedBy;
    TaskStand stand;
};

}  // namespace coffer
