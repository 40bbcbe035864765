#include "management_server/tasks/due_tasks.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace coffer {

namespace {

bool isOn(const KnownTask& task) {
    return task.task && task.task->enabled();
}

Timestamp later(Timestamp time, std::int64_t seconds) {
    time.seconds += seconds;
    return time;
}

void lookAgain(TaskPlan& plan, Timestamp at) {
    if (!plan.next || at < *plan.next) plan.next = at;
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
    if (due.next) lookAgain(plan, *due.next);
}

void planByAttach(TaskPlan& plan, const KnownTask& task, const TaskOutlook& outlook) {
    const auto pause = task.task->attachPause();
    if (!pause) return;
    const auto started = task.record.stand.started;
    // A start ahead of the clock is one of a clock that was wrong.
    if (started && *started <= outlook.now && outlook.now < later(*started, *pause)) return;
    for (const std::string& agent : outlook.attached) {
        if (task.task->hasAgent(agent)) plan.starts.push_back({&task, agent + " is here", agent});
    }
}

// Looks whether the last runs of a task have ended, and what comes after them.
void planByEnd(TaskPlan& plan, const KnownTask& task, const std::vector<KnownTask>& tasks,
               const TaskOutlook& outlook) {
    const TaskStand& stand = task.record.stand;
    if (stand.settled) return;
    bool good = true;
    for (const std::int64_t number : stand.runs) {
        const auto run = outlook.find(number);
        const RunState state = run ? run->stand.state : RunState::failed;
        if (!hasEnded(state)) return;
        good = good && (state == RunState::succeeded || state == RunState::warnings);
    }
    plan.settled.push_back(&task);
    if (!good) return;
    for (const KnownTask& follower : tasks) {
        if (isOn(follower) && follower.task->after() == task.record.name) {
            plan.starts.push_back({&follower, "task " + task.record.name + " went well"});
        }
    }
}

// Also of a task that is not enabled any more.
void planStops(TaskPlan& plan, const std::vector<KnownTask>& tasks, const TaskOutlook& outlook) {
    if (outlook.begun.empty()) return;
    std::map<std::string_view, const KnownTask*> limited;
    for (const KnownTask& task : tasks) {
        if (task.task && task.task->timeLimit()) limited.emplace(task.record.name, &task);
    }
    for (const RunRecord& run : outlook.begun) {
        const auto found = limited.find(run.task);
        if (found == limited.end() || !run.started || run.stand.cancelling) continue;
        const Timestamp end = later(*run.started, *found->second->task->timeLimit());
        if (end <= outlook.now) {
            plan.stops.push_back({found->second, run.number});
        } else {
            lookAgain(plan, end);
        }
    }
}

}  // namespace

TaskPlan planTasks(const std::vector<KnownTask>& tasks, const TaskOutlook& outlook) {
    TaskPlan plan;
    planStops(plan, tasks, outlook);
    for (const KnownTask& task : tasks) {
        if (isOn(task)) {
            planByTime(plan, task, outlook.now);
            planByAttach(plan, task, outlook);
        }
        planByEnd(plan, task, tasks, outlook);
    }
    return plan;
}

}  // namespace coffer
