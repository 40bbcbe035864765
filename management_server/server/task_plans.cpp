#include "management_server/server/task_plans.h"

#include <limits>
#include <string_view>

#include "core/schedule/words.h"

namespace coffer {

namespace {

StatusKeeper::Plan planOf(const Task& task) {
    StatusKeeper::Plan plan{task.setting("component"), {}};
    const std::string warnAfter = task.setting("warn-after");
    if (!warnAfter.empty()) plan.warnAfterSeconds = words::duration(warnAfter);
    return plan;
}

bool warnsEarlier(const StatusKeeper::Plan& a, const StatusKeeper::Plan& b) {
    constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
    return a.warnAfterSeconds.value_or(never) < b.warnAfterSeconds.value_or(never);
}

}  // namespace

std::map<SourceName, StatusKeeper::Plan> plansOf(const std::vector<KnownTask>& tasks) {
    std::map<SourceName, StatusKeeper::Plan> plans;
    for (const KnownTask& known : tasks) {
        if (!known.task || !known.task->enabled()) continue;
        if (std::string_view(known.task->kind()) != run_kind::backup) continue;
        const StatusKeeper::Plan plan = planOf(*known.task);
        for (const Task::Part& part : known.task->parts()) {
            const auto [entry, isNew] = plans.try_emplace(
                SourceName::of(part.agent, known.task->repository(), part.paths), plan);
            if (!isNew && warnsEarlier(plan, entry->second)) entry->second = plan;
        }
    }
    return plans;
}

}  // namespace coffer
