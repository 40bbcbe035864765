#include "management_server/tasks/tasks.h"

#include <set>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "management_server/runs/sync_choice.h"
#include "management_server/tasks/task_table.h"

namespace coffer {

namespace {

Error noTask(const std::string& name) {
    return {ErrorCode::notFound,
            "there is no task '" + printable(name.substr(0, Task::longestName)) + "'"};
}

std::string changedText(const TaskRecord& task) {
    return task.changedBy + " at " + toIso8601(task.changed);
}

// Nobody overwrites what he has not seen.
void checkVersion(const std::optional<TaskRecord>& found, const std::string& name,
                  std::int64_t expected) {
    if (!found) {
        if (expected == 0) return;
        throw Error(ErrorCode::conflict, "task " + name + " was removed meanwhile");
    }
    if (found->version == expected) return;
    throw Error(ErrorCode::conflict,
                expected == 0
                    ? "task " + name + " is there already, last changed by " + changedText(*found)
                    : "task " + name + " has been changed by " + changedText(*found) +
                          ": look again (version " + std::to_string(found->version) + ", not " +
                          std::to_string(expected) + ")");
}

// Each follows one that is there, and no chain comes back to itself.
void checkOrder(TaskTable& table) {
    std::map<std::string, std::string> after;
    for (const TaskRecord& task : table.all()) {
        after[task.name] = settingOf(task.settings, "after");
    }
    for (const auto& [name, first] : after) {
        std::set<std::string> seen{name};
        for (std::string at = first; !at.empty(); at = after.at(at)) {
            if (!after.contains(at)) {
                throw Error(ErrorCode::notFound,
                            "task " + name + ": after: there is no task '" + printable(at) + "'");
            }
            if (!seen.insert(at).second) {
                throw Error(ErrorCode::invalidArgument,
                            "task " + name + ": after: '" + at + "' starts after it in turn");
            }
        }
    }
}

TaskRecord changed(std::optional<TaskRecord> before, const std::string& user, Timestamp now,
                   const std::string& name, const TaskSettings& settings) {
    TaskRecord record = before.value_or(TaskRecord{});
    const auto differs = [&](const char* key) {
        return settingOf(record.settings, key) != settingOf(settings, key);
    };
    // A new plan looks ahead: what it would have been due at before is no miss.
    if (!before || differs("schedule") || differs("zone") || differs("spread") ||
        differs("enabled")) {
        record.stand.done = now;
    }
    if (differs("after") || differs("enabled")) record.stand.owed.reset();
    record.name = name;
    record.settings = settings;
    record.changed = now;
    record.changedBy = user;
    ++record.version;
    return record;
}

}  // namespace

Tasks::Made Tasks::made(const TaskRecord& record) const {
    Made made{record.version, record.changed, parts_.clock.now(), nullptr, {}};
    try {
        made.task = std::make_shared<const Task>(record.name, record.settings, parts_.zoneOfAgent);
    } catch (const Error& error) {
        made.problem = error.what();
    }
    return made;
}

KnownTask Tasks::known(TaskRecord record) const {
    constexpr std::int64_t hour = 3'600;
    const std::int64_t now = parts_.clock.now().seconds;
    const Made found = cache_.with([&](Cache& cache) {
        const auto [place, isNew] = cache.try_emplace(record.name);
        Made& its = place->second;
        const bool same = !isNew && its.version == record.version && its.changed == record.changed;
        const std::int64_t age = now - its.made.seconds;
        if (!same || age < 0 || age >= hour) its = made(record);
        return its;
    });
    return {std::move(record), found.task, found.problem};
}

std::vector<KnownTask> Tasks::list() const {
    std::vector<TaskRecord> records =
        parts_.database.read([](SqlDatabase& database) { return TaskTable(database).all(); });
    std::vector<KnownTask> tasks;
    for (TaskRecord& record : records) tasks.push_back(known(std::move(record)));
    return tasks;
}

std::vector<std::string> Tasks::recipients(const std::string& name, RunState end,
                                           std::string_view message) const {
    const auto record =
        parts_.database.read([&](SqlDatabase& database) { return TaskTable(database).find(name); });
    const auto task = record ? known(*record).task : nullptr;
    return task ? task->mailTo(end, message) : std::vector<std::string>();
}

KnownTask Tasks::get(const std::string& name) const {
    auto record =
        parts_.database.read([&](SqlDatabase& database) { return TaskTable(database).find(name); });
    if (!record) throw noTask(name);
    return known(std::move(*record));
}

void Tasks::requireOthers(const Task& task) const {
    during("task " + task.name(), [&] {
        if (!task.repository().empty()) parts_.requireRepository(task.repository());
        if (task.kind() == std::string_view(run_kind::synchronise)) {
            for (const AgentFolder& folder : foldersOf(task.syncRunOf(""))) {
                parts_.requireAgent(folder.agent);
            }
        }
        if (!task.copyTarget().empty()) parts_.requireRepository(task.copyTarget());
        for (const Task::Part& part : task.parts()) {
            if (part.agent.empty()) continue;
            during("agent " + printable(part.agent.substr(0, 64)),
                   [&] { parts_.requireAgent(part.agent); });
        }
    });
}

std::int64_t Tasks::put(const std::string& user, const std::string& name, TaskSettings settings,
                        std::int64_t expected) {
    const Task task(name, std::move(settings));
    task.requireSomethingLeft();
    requireOthers(task);
    return keep(user, name, task.settings(), expected);
}

std::int64_t Tasks::keep(const std::string& user, const std::string& name,
                         const TaskSettings& settings, std::int64_t expected) {
    TaskDifference difference{name};
    const TaskRecord entered = parts_.database.change([&](SqlDatabase& database) {
        TaskTable table(database);
        const auto before = table.find(name);
        checkVersion(before, name, expected);
        if (!before && table.count() >= mostTasks) {
            throw Error(ErrorCode::limitExceeded, "there are 10,000 tasks already");
        }
        difference.isNew = !before;
        if (before) difference.changes = changesBetween(before->settings, settings);
        TaskRecord record = changed(before, user, parts_.clock.now(), name, settings);
        table.put(record);
        checkOrder(table);
        return record;
    });
    announce(user, entered, difference);
    return entered.version;
}

void Tasks::remove(const std::string& user, const std::string& name, std::int64_t expected) {
    parts_.database.change([&](SqlDatabase& database) {
        TaskTable table(database);
        const auto before = table.find(name);
        if (!before) throw noTask(name);
        checkVersion(before, name, expected);
        for (const TaskRecord& other : table.all()) {
            if (settingOf(other.settings, "after") == name) {
                throw Error(ErrorCode::conflict, "task " + other.name + " starts after " + name +
                                                     ": change or remove that one first");
            }
        }
        table.erase(name);
    });
    cache_.with([&](Cache& cache) { cache.erase(name); });
    parts_.events.add("task-removed", name, user + " has removed task " + name, {{"user", user}});
}

// To be disabled it need not make sense any more: its agent was revoked, its time zone is gone.
std::int64_t Tasks::enable(const std::string& user, const std::string& name, bool enabled) {
    const KnownTask found = get(name);
    TaskSettings settings = found.record.settings;
    settings["enabled"] = {enabled ? "yes" : "no"};
    if (enabled) requireOthers(Task(name, settings));
    return keep(user, name, settings, found.record.version);
}

std::string Tasks::exported(const std::string& name) const {
    if (!name.empty()) return taskText(name, get(name).record.settings);
    // Ten thousand explained ones would be no message any more, and nothing to read.
    std::set<std::string> explained;
    std::string text;
    for (const KnownTask& task : list()) {
        const bool isFirst = explained.insert(settingOf(task.record.settings, "kind")).second;
        text += (text.empty() ? "" : "\n\n") +
                taskText(task.record.name, task.record.settings, isFirst);
    }
    return text;
}

std::vector<TaskDifference> Tasks::importText(const std::string& user, const std::string& text,
                                              bool dryRun,
                                              const std::function<void(const Task&)>& check) {
    std::vector<Task> tasks;
    for (auto& [name, settings] : readTaskTexts(text)) {
        tasks.emplace_back(name, std::move(settings));
        check(tasks.back());
        requireOthers(tasks.back());
    }
    if (tasks.empty()) throw Error(ErrorCode::invalidArgument, "there is no [task NAME] in it");
    std::vector<TaskDifference> differences;
    std::vector<TaskRecord> entered;
    const auto enter = [&](SqlDatabase& database) {
        TaskTable table(database);
        for (const Task& task : tasks) {
            const auto before = table.find(task.name());
            TaskDifference difference{task.name(), !before};
            difference.changes =
                changesBetween(before ? before->settings : TaskSettings{}, task.settings());
            if (!difference.isSame()) {
                task.requireSomethingLeft();
                entered.push_back(
                    changed(before, user, parts_.clock.now(), task.name(), task.settings()));
                table.put(entered.back());
            }
            differences.push_back(std::move(difference));
        }
        if (table.count() > mostTasks) {
            throw Error(ErrorCode::limitExceeded, "there would be more than 10,000 tasks");
        }
        checkOrder(table);
    };
    if (dryRun) {
        parts_.database.tryOut(enter);
        return differences;
    }
    parts_.database.change(enter);
    for (const TaskRecord& record : entered) {
        for (const TaskDifference& difference : differences) {
            if (difference.task == record.name) announce(user, record, difference);
        }
    }
    return differences;
}

void Tasks::noteDone(const std::string& name, Timestamp done) {
    parts_.database.change([&](SqlDatabase& database) {
        TaskTable table(database);
        auto task = table.find(name);
        if (!task) return;
        task->stand.done = done;
        table.setStand(name, task->stand);
    });
}

void Tasks::noteOwed(const std::string& name, std::optional<Timestamp> since) {
    parts_.database.change([&](SqlDatabase& database) {
        TaskTable table(database);
        auto task = table.find(name);
        if (!task) return;
        task->stand.owed = since;
        table.setStand(name, task->stand);
    });
}

void Tasks::noteFollowed(const std::string& name, const std::vector<std::int64_t>& runs) {
    noteStand(name, runs, &TaskStand::followed);
}

void Tasks::noteSettled(const std::string& name, const std::vector<std::int64_t>& runs) {
    noteStand(name, runs, &TaskStand::settled);
}

void Tasks::noteStand(const std::string& name, const std::vector<std::int64_t>& runs,
                      bool TaskStand::*mark) {
    parts_.database.change([&](SqlDatabase& database) {
        TaskTable table(database);
        auto task = table.find(name);
        // It may have started again since.
        if (!task || task->stand.runs != runs) return;
        task->stand.*mark = true;
        table.setStand(name, task->stand);
    });
}

void Tasks::announce(const std::string& user, const TaskRecord& task,
                     const TaskDifference& change) {
    std::map<std::string, std::string> more{{"user", user},
                                            {"version", std::to_string(task.version)}};
    std::string keys;
    for (const TaskDifference::Change& each : change.changes) {
        keys += (keys.empty() ? "" : " ") + each.key;
    }
    if (!keys.empty()) more.emplace("changed", keys);
    parts_.events.add("task-changed", task.name,
                      user + (change.isNew ? " has made task " : " has changed task ") + task.name,
                      more);
}

}  // namespace coffer
