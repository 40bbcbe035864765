#include "management_server/tasks/due_tasks.h"

#include <algorithm>

namespace coffer {

namespace {

bool isOn(const KnownTask& task) {
    return task.task && task.task->enabled();
}

void planByTime(TaskPlan& plan, const KnownTask& task, Timestamp now) {
    if (!task.task->timetable()) return;
    const Timestamp done = task.record.stand.done;
    const Timetable::Due due = task.task->timetable()->due(done, now);
    if (due.run) {
        plan.starts.push_back({&task, "it is due", {}, due.done});
    } else if (due.done != done) {
        plan.passed.push_back({&task, due.done, due.missed});
    }
    if (due.next && (!plan.next || *due.next < *plan.next)) plan.next = due.next;
}

void planByAttach(TaskPlan& plan, const KnownTask& task, const std::set<std::string>& attached,
                  Timestamp now) {
    const auto pause = task.task->attachPause();
    if (!pause) return;
    const auto started = task.record.stand.started;
    // A start ahead of the clock is one of a clock that was wrong.
    if (started && *started <= now && now.seconds - started->seconds < *pause) return;
    for (const std::string& agent : attached) {
        if (task.task->hasAgent(agent)) plan.starts.push_back({&task, agent + " is here", agent});
    }
}

// Looks whether the last runs of a task have ended, and what comes after them.
void planByEnd(TaskPlan& plan, const KnownTask& task, const std::vector<KnownTask>& tasks,
               const std::function<RunFate(std::int64_t)>& fateOf) {
    const TaskStand& stand = task.record.stand;
    if (stand.settled) return;
    bool good = true;
    for (const std::int64_t run : stand.runs) {
        const RunFate fate = fateOf(run);
        if (fate == RunFate::active) return;
        good = good && fate == RunFate::good;
    }
    plan.settled.push_back(&task);
    if (!good) return;
    for (const KnownTask& follower : tasks) {
        if (isOn(follower) && follower.task->after() == task.record.name) {
            plan.starts.push_back({&follower, "task " + task.record.name + " went well"});
        }
    }
}

}  // namespace

TaskPlan planTasks(const std::vector<KnownTask>& tasks, const std::set<std::string>& attached,
                   const std::function<RunFate(std::int64_t run)>& fateOf, Timestamp now) {
    TaskPlan plan;
    for (const KnownTask& task : tasks) {
        planByEnd(plan, task, tasks, fateOf);
        if (!isOn(task)) continue;
        planByTime(plan, task, now);
        planByAttach(plan, task, attached, now);
    }
    return plan;
}

}  // namespace coffer
