#include "management_server/tasks/due_tasks.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

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
    const Timestamp before = task.record.stand.done;
    std::map<std::string, Timetable::Due> dues;
    for (const auto& [agent, timetable] : task.task->timetables()) {
        dues.emplace(agent, timetable.due(before, now));
    }
    // With several, what any of them has dealt with is dealt with by all: they were asked together.
    Timestamp done;
    for (const auto& [agent, due] : dues) done = std::max(done, due.done);
    std::set<std::string> at;
    bool isDue = false;
    for (const auto& [agent, due] : dues) {
        if (due.run) {
            isDue = true;
            if (!agent.empty()) at.insert(agent);
        } else if (due.done != before) {
            plan.passed.push_back({&task, agent, done, due.missed});
        }
        if (due.next) lookAgain(plan, *due.next);
    }
    if (isDue) plan.starts.push_back({&task, "it is due", std::move(at), done});
}

std::string areHere(const std::set<std::string>& agents) {
    std::string text;
    for (const std::string& agent : agents) text += (text.empty() ? "" : ", ") + agent;
    return text + (agents.size() == 1 ? " is here" : " are here");
}

void planByAttach(TaskPlan& plan, const KnownTask& task, const TaskOutlook& outlook) {
    const auto pause = task.task->attachPause();
    if (!pause) return;
    std::set<std::string> here;
    for (const std::string& agent : outlook.attached) {
        if (!task.task->hasAgent(agent)) continue;
        const auto last = outlook.lastAt(task.record.name, agent);
        // A start ahead of the clock is one of a clock that was wrong.
        if (last && *last <= outlook.now && outlook.now < later(*last, *pause)) continue;
        here.insert(agent);
    }
    if (here.empty()) return;
    const auto due = std::ranges::find(plan.starts, &task, &TaskPlan::Start::task);
    if (due == plan.starts.end()) {
        plan.starts.push_back({&task, areHere(here), std::move(here)});
    } else if (!due->agents.empty()) {
        due->agents.merge(here);
    }
}

/// How the last start of a task ended.
struct End {
    bool good = true;
    Timestamp at;                                     // of the last run, or attempt to start one
    std::map<std::string, std::int64_t> failed = {};  // runs by agent; not those that were stopped
    bool isOver = true;                               // none is being verified
    bool isProven = true;                             // of none nobody knows whether it is sound
};

// Nothing while somebody is at work on one of its runs.
std::optional<End> endOf(const KnownTask& task, const TaskOutlook& outlook) {
    const TaskStand& stand = task.record.stand;
    End end{.at = stand.started.value_or(Timestamp{})};
    for (const std::int64_t number : stand.runs) {
        const auto run = outlook.find(number);
        if (!run) {
            end.good = false;
            continue;
        }
        const RunState state = run->stand.state;
        if (!isWorkOver(state)) return {};
        end.isOver = end.isOver && hasEnded(state);
        end.isProven = end.isProven && !run->counts.contains(unverifiedCount);
        end.good = end.good && (wentWell(state) || state == RunState::verifying);
        end.at = std::max(end.at, run->ended.value_or(end.at));
        if (state == RunState::failed) end.failed.emplace(run->agent, number);
    }
    return end;
}

// Whether it is tried again, now or when its pause is over.
bool planRetry(TaskPlan& plan, const KnownTask& task, End end, Timestamp now) {
    if (!isOn(task) || task.task->retryCount() == 0) return false;
    std::erase_if(end.failed, [&](const auto& run) { return !task.task->hasPart(run.first); });
    if (end.failed.empty()) return false;
    const std::int64_t number = task.record.stand.retries + 1;
    if (number > task.task->retryCount()) {
        plan.failed.push_back(&task);
        return false;
    }
    const Timestamp due = later(end.at, task.task->retryPause());
    // An end ahead of the clock is one of a clock that was wrong.
    if (end.at <= now && now < due) {
        lookAgain(plan, due);
        return true;
    }
    const std::string of = std::to_string(number) + " of " + task.task->setting("retry-count");
    plan.starts.push_back({.task = &task,
                           .reason = "it failed and is tried again (" + of + ")",
                           .retry = TaskRetry{number, std::move(end.failed)}});
    return true;
}

void startFollowers(TaskPlan& plan, const KnownTask& task, const std::vector<KnownTask>& tasks,
                    bool afterProof) {
    for (const KnownTask& follower : tasks) {
        const bool follows = isOn(follower) && follower.task->after() == task.record.name;
        if (!follows || follower.task->isAfterProof() != afterProof) continue;
        plan.starts.push_back({.task = &follower,
                               .reason = "task " + task.record.name + " went well",
                               .follows = true});
    }
}

// What could not follow for want of room. Any other start takes its place.
void planOwed(TaskPlan& plan, const KnownTask& task, Timestamp now) {
    const std::optional<Timestamp>& since = task.record.stand.owed;
    if (!since || !isOn(task)) return;
    if (std::ranges::find(plan.starts, &task, &TaskPlan::Start::task) != plan.starts.end()) return;
    // A time far ahead of the clock is one of a clock that was wrong.
    if (later(now, longestOwed) <= *since || later(*since, longestOwed) <= now) {
        plan.givenUp.push_back(&task);
        return;
    }
    plan.starts.push_back(
        {.task = &task, .reason = "task " + task.task->after() + " went well", .follows = true});
}

void tellUnproven(TaskPlan& plan, const KnownTask& task, const std::vector<KnownTask>& tasks) {
    for (const KnownTask& follower : tasks) {
        const bool follows = isOn(follower) && follower.task->after() == task.record.name;
        if (follows && follower.task->isAfterProof()) plan.unproven.push_back(&follower);
    }
}

// Looks whether the last start of a task has ended, and what comes after it.
void planByEnd(TaskPlan& plan, const KnownTask& task, const std::vector<KnownTask>& tasks,
               const TaskOutlook& outlook) {
    const TaskStand& stand = task.record.stand;
    if (stand.settled) return;
    const std::optional<End> end = endOf(task, outlook);
    if (!end) return;
    const bool startsAnew =
        std::ranges::find(plan.starts, &task, &TaskPlan::Start::task) != plan.starts.end();
    if (!end->good) {
        // One that starts anyway is not tried again.
        if (startsAnew) return;
        // What is being verified may turn out damaged as well.
        const bool isLast = !task.task || stand.retries >= task.task->retryCount();
        if (!end->isOver && isLast) return;
        if (!planRetry(plan, task, *end, outlook.now) && end->isOver) plan.settled.push_back(&task);
        return;
    }
    if (!stand.followed) startFollowers(plan, task, tasks, false);
    if (!end->isOver) {
        if (!stand.followed) plan.followed.push_back(&task);
        // The next start takes the place of this one, of which nobody waits for the proof any more.
        if (startsAnew) tellUnproven(plan, task, tasks);
        return;
    }
    plan.settled.push_back(&task);
    end->isProven ? startFollowers(plan, task, tasks, true) : tellUnproven(plan, task, tasks);
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
        // While it is held back no time passes for it.
        if (found == limited.end() || !run.started || run.heldAt || run.stand.cancelling) continue;
        const std::int64_t limit = *found->second->task->timeLimit();
        const Timestamp end = later(later(*run.started, run.heldSeconds), limit);
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
    for (const KnownTask& task : tasks) planOwed(plan, task, outlook.now);
    return plan;
}

}  // namespace coffer
