#pragma once

#include <string>
#include <vector>

#include "management_server/tasks/task_rules.h"

namespace coffer {

/// What an import does to a task.
struct TaskDifference {
    struct Change {
        std::string key;
        std::vector<std::string> before;
        std::vector<std::string> after;
    };
    std::string task;
    bool isNew = false;
    std::vector<Change> changes = {};  // by key

    bool isSame() const { return !isNew && changes.empty(); }
};

std::vector<TaskDifference::Change> changesBetween(const TaskSettings& before,
                                                   const TaskSettings& after);

}  // namespace coffer
