#include "management_server/tasks/task_difference.h"

#include <set>

namespace coffer {

std::vector<TaskDifference::Change> changesBetween(const TaskSettings& before,
                                                   const TaskSettings& after) {
    std::set<std::string> keys;
    for (const auto& [key, values] : before) keys.insert(key);
    for (const auto& [key, values] : after) keys.insert(key);
    std::vector<TaskDifference::Change> changes;
    for (const std::string& key : keys) {
        const std::vector<std::string> was = settingsOf(before, key);
        const std::vector<std::string> is = settingsOf(after, key);
        if (was != is) changes.push_back({key, was, is});
    }
    return changes;
}

}  // namespace coffer
