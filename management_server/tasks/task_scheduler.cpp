#include "management_server/tasks/task_scheduler.h"

#include <algorithm>
#include <exception>

#include "core/base/error.h"
#include "core/service/log.h"

namespace coffer {

namespace {

constexpr std::uint32_t eventPage = 1'000;
constexpr std::chrono::seconds afterFailure{2};

// What may let a task start, or says that one was changed.
bool isNews(const RecordedEvent& event) {
    return event.kind == "run-ended" || event.kind == "run-committed" ||
           event.kind == "agent-attached" || event.kind == "task-changed" ||
           event.kind == "task-removed";
}

}  // namespace

TaskScheduler::TaskScheduler(Tasks& tasks, TaskStarter& starter, Runs& runs, EventRecorder& events,
                             const Clock& clock)
    : tasks_(tasks),
      starter_(starter),
      runs_(runs),
      events_(events),
      clock_(clock),
      seen_(events.newest()) {}

void TaskScheduler::start() {
    thread_.start([this] { keepTime(); });
}

void TaskScheduler::stop() {
    stop_.change([](Stop& stop) { stop.asked = true; });
    thread_.join();
}

void TaskScheduler::keepTime() {
    const auto asked = [](const Stop& stop) { return stop.asked; };
    while (!stop_.with(asked)) {
        try {
            sleepUntil(round());
        } catch (const std::exception& error) {
            log(LogLevel::error, "tasks.round-failed", {{"message", error.what()}});
            stop_.whenOrAt(std::chrono::steady_clock::now() + afterFailure, asked, asked);
        }
    }
}

// Until then, or until something has happened that matters.
void TaskScheduler::sleepUntil(std::optional<Timestamp> next) {
    std::chrono::nanoseconds wait = longestSleep;
    if (next) {
        const Timestamp now = clock_.now();
        const std::int64_t seconds =
            std::clamp<std::int64_t>(next->seconds - now.seconds, 0, longestSleep.count());
        wait = std::min<std::chrono::nanoseconds>(
            wait, std::chrono::seconds(seconds) + std::chrono::nanoseconds(next->nanoseconds) -
                      std::chrono::nanoseconds(now.nanoseconds));
    }
    const auto end = std::chrono::steady_clock::now() + wait;
    std::uint64_t after = seen_;
    while (!stop_.with([](const Stop& stop) { return stop.asked; })) {
        const auto events = events_.waitSince(after, eventPage, end);
        if (events.empty() && std::chrono::steady_clock::now() >= end) return;
        if (std::ranges::any_of(events, isNews)) return;
        if (!events.empty()) after = events.back().number;
    }
}

TaskScheduler::News TaskScheduler::news() const {
    News found{{}, {}, seen_};
    for (;;) {
        const auto events = events_.since(found.position, eventPage);
        if (events.empty()) return found;
        for (const RecordedEvent& event : events) {
            if (event.kind == "agent-attached") found.attached.insert(event.subject);
            if (event.kind == "task-changed") found.changed.insert(event.subject);
        }
        found.position = events.back().number;
    }
}

// In the first round of all: one may have been changed just before the server ended.
void TaskScheduler::tellWindows(const std::vector<KnownTask>& tasks, const News& news) {
    Runs::Windows windows;
    for (const KnownTask& task : tasks) {
        if (!task.task || (!isFirstRound_ && !news.changed.contains(task.record.name))) continue;
        windows[task.record.name] = {
            task.task->setting("window"),
            [its = task.task](const std::string& agent) { return its->zoneAt(agent); }};
    }
    runs_.setWindows(windows);
}

std::optional<Timestamp> TaskScheduler::round() {
    const News news = this->news();  // first: of a change in between the event comes again
    const std::vector<KnownTask> tasks = tasks_.list();
    const auto isLimited = [](const KnownTask& task) {
        return task.task && task.task->timeLimit();
    };
    tellWindows(tasks, news);
    TaskOutlook outlook{
        .attached = news.attached,
        .find = [this](std::int64_t run) { return runs_.find(run); },
        .lastAt = [this](const std::string& task,
                         const std::string& agent) { return runs_.lastOrdered(task, agent); },
        .now = clock_.now()};
    if (std::ranges::any_of(tasks, isLimited)) outlook.begun = runs_.begunOfTasks();
    const TaskPlan plan = planTasks(tasks, outlook);
    carryOut(plan);
    seen_ = news.position;  // behind the rest: a round that fails sees them again
    isFirstRound_ = false;
    return plan.next;
}

void TaskScheduler::carryOut(const TaskPlan& plan) {
    for (const TaskPlan::Stop& stop : plan.stops) carryOut(stop);
    std::set<const KnownTask*> waiting;
    for (const TaskPlan::Start& start : plan.starts) {
        if (!carryOut(start)) waiting.insert(start.task);
    }
    // Behind the starts: all due times of a task are dealt with together.
    for (const TaskPlan::Passed& passed : plan.passed) {
        if (!waiting.contains(passed.task)) carryOut(passed);
    }
    for (const KnownTask* task : plan.failed) {
        const std::string& name = task->record.name;
        const std::string retries = std::to_string(task->record.stand.retries);
        events_.add("task-failed-for-good", name,
                    "task " + name + " failed, and is not tried again after " + retries +
                        (retries == "1" ? " retry" : " retries"),
                    {{"retries", retries}});
    }
    for (const KnownTask* task : plan.givenUp) {
        const std::string& name = task->record.name;
        tasks_.noteOwed(name, {});
        events_.add("task-not-started", name,
                    "task " + name + " does not follow " + task->task->after() +
                        " any more: there was no room for its runs for a day");
    }
    for (const KnownTask* task : plan.unproven) {
        const std::string& name = task->record.name;
        events_.add("task-not-started", name,
                    "task " + name + " follows " + task->task->after() +
                        " once that is proven, which it is not yet");
    }
    // Behind the rest: what follows a task is started again rather than forgotten.
    for (const KnownTask* task : plan.followed) {
        tasks_.noteFollowed(task->record.name, task->record.stand.runs);
    }
    for (const KnownTask* task : plan.settled) {
        tasks_.noteSettled(task->record.name, task->record.stand.runs);
    }
}

// One that has ended meanwhile needs nothing more.
void TaskScheduler::carryOut(const TaskPlan::Stop& stop) {
    const std::string& name = stop.task->record.name;
    const std::string limit = stop.task->task->setting("time-limit");
    try {
        runs_.cancel(stop.run, overTimeMessage(limit));
    } catch (const Error& error) {
        if (error.code() != ErrorCode::conflict && error.code() != ErrorCode::notFound) throw;
        return;
    }
    const std::string run = std::to_string(stop.run);
    events_.add("task-time-limit", name,
                "task " + name + ": run " + run + " took longer than " + limit + " and is stopped",
                {{"run", run}, {"limit", limit}});
}

void TaskScheduler::carryOut(const TaskPlan::Passed& passed) {
    const std::string& name = passed.task->record.name;
    tasks_.noteDone(name, passed.done);
    if (!passed.missed) return;
    const std::string place = passed.agent.empty() ? "" : " at " + passed.agent;
    events_.add("task-missed", name,
                "task " + name + place + " was due at " + toIso8601(passed.done) +
                    ", which is too long ago to make up for",
                {{"agent", passed.agent}});
}

// What one task cannot do keeps no other from it. False: it is tried again at the next look.
bool TaskScheduler::carryOut(const TaskPlan::Start& start) {
    try {
        starter_.start(*start.task, {.user = start.task->record.changedBy,
                                     .reason = start.reason,
                                     .agents = start.agents,
                                     .done = start.done,
                                     .retry = start.retry});
        return true;
    } catch (const Error& error) {
        // Tried again as long as it lacks room only.
        if (start.follows && error.code() == ErrorCode::limitExceeded) {
            waitForRoom(start, error);
            return true;
        }
        const std::string& name = start.task->record.name;
        log(LogLevel::error, "task.not-started", {{"task", name}, {"message", error.what()}});
        // What is due is tried again at the next look; an attach and a follower are not.
        if (start.done) return false;
        if (start.task->record.stand.owed) tasks_.noteOwed(name, {});
        events_.add("task-not-started", name, "task " + name + " could not start: " + error.what());
        return true;
    }
}

// Tried again at each look, which comes with the end of every run; told once.
void TaskScheduler::waitForRoom(const TaskPlan::Start& start, const Error& error) {
    if (start.task->record.stand.owed) return;
    const std::string& name = start.task->record.name;
    tasks_.noteOwed(name, clock_.now());
    events_.add(
        "task-waits", name,
        "task " + name + " is to start, for " + start.reason + ", and waits: " + error.what(),
        {{"message", error.what()}});
}

}  // namespace coffer
