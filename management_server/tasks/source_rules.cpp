#include "management_server/tasks/source_rules.h"

#include "core/base/printable.h"

namespace coffer {

std::string TaskSource::shown() const {
    constexpr std::size_t longest = 200;
    std::string text = printable(agent.substr(0, longest)) + ":";
    for (std::size_t i = 0; i < paths.size(); ++i) {
        if (text.size() > longest)
            return text + " and " + std::to_string(paths.size() - i) + " more";
        text += (i == 0 ? "" : ", ") + printable(paths[i].substr(0, longest));
    }
    return text;
}

TasksByName readable(const std::vector<KnownTask>& known) {
    TasksByName tasks;
    for (const KnownTask& each : known) {
        if (each.task) tasks.emplace(each.record.name, each.task.get());
    }
    return tasks;
}

std::map<TaskSource, RetentionRules> rulesBySource(const TasksByName& tasks) {
    std::map<TaskSource, RetentionRules> rules;
    for (const auto& [name, task] : tasks) {
        if (!task->retention().any()) continue;
        for (const Task::Part& part : task->parts()) {
            const auto [entry, isNew] =
                rules.try_emplace({task->repository(), part.agent, part.paths}, task->retention());
            if (!isNew) entry->second = combined(entry->second, task->retention());
        }
    }
    return rules;
}

std::vector<TaskSource> loweredSources(const TasksByName& before, const TasksByName& after) {
    const std::map<TaskSource, RetentionRules> former = rulesBySource(before);
    std::vector<TaskSource> lowered;
    for (const auto& [source, rules] : rulesBySource(after)) {
        const auto found = former.find(source);
        if (isLower(rules, found == former.end() ? RetentionRules{} : found->second)) {
            lowered.push_back(source);
        }
    }
    return lowered;
}

}  // namespace coffer
