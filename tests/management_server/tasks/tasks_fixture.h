#pragma once

#include "management_server/tasks/task_scheduler.h"
#include "tests/management_server/runs/runs_fixture.h"

namespace coffer {

/// Tasks of a server whose runs are those of RunsFixture. Nothing happens by itself:
/// scheduler->round() does what there is to do.
struct TasksFixture : RunsFixture {
    TasksFixture() { beginTasks(); }

    /// The server begins, after it has ended.
    void restart() {
        scheduler.reset();
        starter.reset();
        tasks.reset();
        begin();
        beginTasks();
    }

    void beginTasks() {
        tasks = std::make_unique<Tasks>(Tasks::Parts{
            *database, *events, clock, [this](const std::string& name) { agents.identity(name); },
            [this](const std::string& name) { repositories.open(name); },
            [this](const std::string& agent) { return zones[agent]; }});
        starter = std::make_unique<TaskStarter>(*runs, *events, clock);
        scheduler = std::make_unique<TaskScheduler>(*tasks, *starter, *runs, *events, clock);
    }

    /// Makes or changes a task, whatever its version.
    void put(const std::string& name, TaskSettings wanted) {
        if (!wanted.contains("kind")) wanted.try_emplace("source", Texts{"laptop:/home"});
        std::int64_t version = 0;
        for (const KnownTask& task : tasks->list()) {
            if (task.record.name == name) version = task.record.version;
        }
        tasks->put("ann", name, std::move(wanted), version);
    }

    void setClock(const char* iso) {
        int year = 0, month = 0, day = 0, hour = 0, minute = 0;
        ASSERT_EQ(std::sscanf(iso, "%d-%d-%d %d:%d", &year, &month, &day, &hour, &minute), 5);
        const std::int64_t wanted =
            daysOf({year, month, day}) * 86'400 + hour * 3'600 + minute * 60;
        clock.advance(wanted - clock.now().seconds);
    }

    /// An agent attaches, as the registry tells it.
    void arrive(const std::string& agent) {
        attach(agent);
        events->add("agent-attached", agent, agent + " is here");
    }

    /// Runs of a task, oldest first.
    std::vector<RunRecord> runsOf(const std::string& task) {
        std::vector<RunRecord> found;
        for (const RunRecord& run : runs->newest(1'000'000, 1'000)) {
            if (run.task == task) found.insert(found.begin(), run);
        }
        return found;
    }

    /// Carries a run out at its attached agent.
    void carryOut(std::int64_t run, const char* outcome) {
        runs->work();
        finish(run, attempt(run), outcome, runs->get(run).agent);
    }

    Texts told(const std::string& task) {
        Texts kinds;
        for (const RecordedEvent& event : events->since(0, 1'000)) {
            if (event.subject == task && event.kind.starts_with("task-"))
                kinds.push_back(event.kind);
        }
        return kinds;
    }

    std::map<std::string, std::string> zones;  // of agents
    std::unique_ptr<Tasks> tasks;
    std::unique_ptr<TaskStarter> starter;
    std::unique_ptr<TaskScheduler> scheduler;
};

}  // namespace coffer
