#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>

#include "core/base/error.h"
#include "core/base/guarded.h"
#include "core/base/threads.h"
#include "management_server/tasks/due_tasks.h"
#include "management_server/tasks/task_starter.h"

namespace coffer {

/// Starts tasks when they are due, when an agent attaches, when another task went well and again
/// when they failed; stops runs that take longer than their task allows, and tells runs of a
/// changed window. What it did for a due time is in server.db with the runs it started, so a server
/// that is killed neither forgets one nor starts twice; what follows another task may start twice
/// when it is killed in that very moment, and is not forgotten. Started and stopped by one thread.
class TaskScheduler {
  public:
    /// The clock is looked at so often at least: it may have been set.
    static constexpr std::chrono::seconds longestSleep{30};

    /// All outlive it.
    TaskScheduler(Tasks& tasks, TaskStarter& starter, Runs& runs, EventRecorder& events,
                  const Clock& clock);
    ~TaskScheduler() { stop(); }
    TaskScheduler(const TaskScheduler&) = delete;
    TaskScheduler& operator=(const TaskScheduler&) = delete;

    void start();

    /// Waits for a round under way. The events have been stopped before: they wake it.
    void stop();

    /// Does what there is to do now, on this thread; for tests, without start(). Gives the next due
    /// time.
    std::optional<Timestamp> round();

  private:
    struct Stop {
        bool asked = false;
    };

    void keepTime();
    void sleepUntil(std::optional<Timestamp> next);
    struct News {
        std::set<std::string> attached;  // agents
        std::set<std::string> changed;   // tasks
        std::uint64_t position;          // number of the last event that was looked at
    };
    News news() const;  // since the last round
    void tellWindows(const std::vector<KnownTask>& tasks, const News& news);
    void carryOut(const TaskPlan& plan);
    void carryOut(const TaskPlan::Stop& stop);
    void carryOut(const TaskPlan::Passed& passed);
    bool carryOut(const TaskPlan::Start& start);
    void waitForRoom(const TaskPlan::Start& start, const Error& error);

    Tasks& tasks_;
    TaskStarter& starter_;
    Runs& runs_;
    EventRecorder& events_;
    const Clock& clock_;
    std::uint64_t seen_;  // number of the last event that was looked at
    bool isFirstRound_ = true;
    Guarded<Stop> stop_;
    ThreadScope thread_;
};

}  // namespace coffer
