#include "management_server/tasks/task_starter.h"

#include <algorithm>

#include "core/base/error.h"
#include "management_server/tasks/task_table.h"

namespace coffer {

namespace {

std::string placeOf(const std::string& agent) {
    return agent.empty() ? "" : " at " + agent;
}

bool isMeant(const TaskStarter::Order& order, const Task::Part& part) {
    if (order.retry) return order.retry->failed.contains(part.agent);
    return order.agents.empty() || order.agents.contains(part.agent);
}

// A retry counts even where nothing could be started: it is not tried for ever.
void noteRetry(TaskStand& stand, const TaskRetry& retry, const std::vector<RunRecord>& entered) {
    for (const auto& [agent, run] : retry.failed) {
        const auto place = std::ranges::find(stand.runs, run);
        if (place == stand.runs.end()) {
            throw Error(ErrorCode::conflict, "the task was started again meanwhile");
        }
        const auto again = std::ranges::find(entered, agent, &RunRecord::agent);
        if (again != entered.end()) *place = again->number;
    }
    stand.retries = retry.number;
}

}  // namespace

RunRecord TaskStarter::runOf(const Task& task, const Task::Part& part,
                             const std::string& user) const {
    const RunStarter& starter = runs_.starter();
    const std::string_view kind = task.kind();
    if (kind == run_kind::backup) {
        return starter.backup(user, part.agent, task.choice(part), task.repository(),
                              task.options());
    }
    if (kind == run_kind::restore) {
        const std::string target = task.setting("target");
        return starter.restore(user, task.repository(), task.setting("snapshot"), part.paths,
                               part.agent, target.substr(target.find(':') + 1), task.options());
    }
    if (kind == run_kind::rehearsal) {
        return starter.rehearsal(user, task.repository(), task.setting("snapshot"), part.paths,
                                 task.options());
    }
    if (kind == run_kind::replicate) {
        return starter.replica(user, task.repository(), task.setting("target"), task.options());
    }
    if (kind == run_kind::copy) {
        return starter.copy(user, task.repository(), task.copyTarget(), {}, task.options());
    }
    if (kind == run_kind::synchronise) return starter.synchronise(task.syncRunOf(user));
    return starter.ofRepository(task.kind(), user, task.repository(), task.options());
}

std::vector<std::int64_t> TaskStarter::start(const KnownTask& task, const Order& order) {
    std::optional<Error> refusal;
    return start(task, order, refusal);
}

std::vector<std::int64_t> TaskStarter::startNow(const KnownTask& task, const std::string& user) {
    std::optional<Error> refusal;
    const auto numbers = start(task, {.user = user, .reason = user + " has started it"}, refusal);
    if (numbers.empty() && refusal) throw Error(*refusal);
    return numbers;
}

std::vector<std::int64_t> TaskStarter::start(const KnownTask& task, const Order& order,
                                             std::optional<Error>& refusal) {
    const std::string& name = task.record.name;
    const auto refuse = [&](const std::string& agent, const Error& error) {
        if (!refusal) refusal = error;
        events_.add("task-not-started", name,
                    "task " + name + placeOf(agent) + ": " + order.reason + ", but " + error.what(),
                    {{"agent", agent}, {"message", error.what()}});
    };
    std::vector<RunRecord> runs;
    if (!task.task) {
        refuse("", Error(ErrorCode::unsupported, task.problem));
    } else {
        for (const Task::Part& part : task.task->parts()) {
            if (!isMeant(order, part)) continue;
            try {
                runs.push_back(runOf(*task.task, part, order.user));
                runs.back().task = name;
                runs.back().window = task.task->setting("window");
                runs.back().zone = task.task->zoneAt(part.agent);
            } catch (const Error& error) {
                refuse(part.agent, error);
            }
        }
    }
    std::vector<std::string> busy;
    std::vector<std::int64_t> numbers;
    runs_.add(std::move(runs), [&](SqlDatabase& database, const std::vector<RunRecord>& entered,
                                   const std::vector<RunRecord>& leftOut) {
        busy.clear();
        numbers.clear();
        for (const RunRecord& run : entered) numbers.push_back(run.number);
        for (const RunRecord& run : leftOut) busy.push_back(run.agent);
        TaskTable table(database);
        const auto present = table.find(name);
        if (!present) throw Error(ErrorCode::conflict, "task " + name + " was removed meanwhile");
        TaskStand stand = present->stand;
        stand.owed.reset();
        if (order.done) stand.done = *order.done;
        if (order.retry) {
            noteRetry(stand, *order.retry, entered);
        } else if (!numbers.empty()) {
            stand.runs = numbers;
            stand.retries = 0;
        }
        if (order.retry || !numbers.empty()) {
            stand.started = clock_.now();
            stand.settled = false;
            stand.followed = false;
        }
        table.setStand(name, stand);
    });
    for (const std::string& agent : busy) {
        refuse(agent, Error(ErrorCode::conflict, "its last run has not ended yet"));
    }
    if (!numbers.empty()) {
        std::string list;
        for (const std::int64_t number : numbers) {
            list += (list.empty() ? "" : " ") + std::to_string(number);
        }
        events_.add("task-started", name, "task " + name + ": " + order.reason,
                    {{"user", order.user}, {"runs", list}});
    }
    return numbers;
}

}  // namespace coffer
