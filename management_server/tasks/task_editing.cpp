#include "management_server/tasks/task_editing.h"

#include <charconv>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/wire.h"

namespace coffer {

namespace {

constexpr const char* action = "lower-retention";

std::string shownSources(const std::vector<TaskSource>& sources) {
    constexpr std::size_t most = 5;
    std::string text;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        if (i == most) return text + " and " + std::to_string(sources.size() - i) + " more";
        text += (i == 0 ? "" : "; ") + sources[i].shown() + " in " + sources[i].repository;
    }
    return text;
}

// "keep-last=3 keep-daily=7"
std::string shownRules(const RetentionRules& rules) {
    std::string text;
    for (const auto& [name, value] : retentionSettings(rules)) {
        text += (text.empty() ? "" : " ") + name + "=" + value;
    }
    return text.empty() ? "no rules" : text;
}

std::string fingerprintOf(const std::vector<TaskSource>& sources) {
    WireWriter texts;
    for (const TaskSource& source : sources) {
        texts.sized(source.repository);
        texts.sized(source.agent);
        texts.varint(source.paths.size());
        for (const std::string& path : source.paths) texts.sized(path);
    }
    return sha256(texts.bytes()).hex();
}

std::int64_t versionIn(const Request& request) {
    const std::string& text = request.parameters.at("version");
    std::int64_t version = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (problem != std::errc{} || end != text.data() + text.size()) {
        throw Error(ErrorCode::corrupt, "a request for a version that is none");
    }
    return version;
}

}  // namespace

TaskEditing::TaskEditing(Tasks& tasks, Confirmations* confirmations)
    : tasks_(tasks), confirmations_(confirmations) {
    if (!confirmations_) return;
    confirmations_->carryOut(action, [this](const Request& request) { confirmed(request); });
}

// What it was confirmed for is still there, and lowers what the second person saw: or it is a
// conflict.
void TaskEditing::confirmed(const Request& request) {
    const std::string& name = request.parameters.at("task");
    const auto definition = request.parameters.find("definition");
    const auto check = [&](const std::function<void(TasksByName&)>& change) {
        const auto sources = lowered(change, [](const TaskSource&) {});
        if (sources.empty() || fingerprintOf(sources) == request.parameters.at("lowers")) return;
        throw Error(ErrorCode::conflict,
                    "other tasks have changed since: it would lower the retention of " +
                        shownSources(sources) + " now; ask for it again");
    };
    turn_.with([&](Turn&) {
        if (definition == request.parameters.end()) {
            check([&](TasksByName& tasks) { tasks.erase(name); });
            tasks_.remove(request.user, name, versionIn(request));
            return;
        }
        const Task wanted(name, readPlainTaskText(definition->second));
        check([&](TasksByName& tasks) { tasks[name] = &wanted; });
        tasks_.put(request.user, name, wanted.settings(), versionIn(request));
    });
}

std::vector<TaskSource> TaskEditing::lowered(const std::function<void(TasksByName&)>& change,
                                             const Check& mayForget) const {
    const std::vector<KnownTask> known = tasks_.list();
    const TasksByName before = readable(known);
    TasksByName after = before;
    change(after);
    std::vector<TaskSource> sources = loweredSources(before, after);
    for (const TaskSource& source : sources) mayForget(source);
    return sources;
}

// Nobody is asked about what could not be done in any case.
bool TaskEditing::needsSecond(const std::vector<TaskSource>& sources, const std::string& name,
                              std::int64_t version) const {
    if (!confirmations_ || sources.empty()) return false;
    for (const KnownTask& each : tasks_.list()) {
        if (each.record.name == name) return each.record.version == version;
    }
    return version == 0;
}

void TaskEditing::requireSecond(const std::string& user, const std::string& what,
                                const std::vector<TaskSource>& sources,
                                const std::map<std::string, std::string>& parameters) {
    std::map<std::string, std::string> all = parameters;
    all["lowers"] = fingerprintOf(sources);
    confirmations_->require(user, action, what + ", for " + shownSources(sources), all);
}

std::int64_t TaskEditing::put(const std::string& user, const Task& wanted, std::int64_t expected,
                              const Check& mayForget) {
    return turn_.with([&](Turn&) {
        const auto sources =
            lowered([&](TasksByName& tasks) { tasks[wanted.name()] = &wanted; }, mayForget);
        if (needsSecond(sources, wanted.name(), expected)) {
            wanted.requireSomethingLeft();
            tasks_.requireOthers(wanted);
            requireSecond(user, "task " + wanted.name() + ": " + shownRules(wanted.retention()),
                          sources,
                          {{"task", wanted.name()},
                           {"version", std::to_string(expected)},
                           {"definition", plainTaskText(wanted.settings())}});
        }
        return tasks_.put(user, wanted.name(), wanted.settings(), expected);
    });
}

void TaskEditing::remove(const std::string& user, const std::string& name, std::int64_t expected,
                         const Check& mayForget) {
    turn_.with([&](Turn&) {
        const auto sources = lowered([&](TasksByName& tasks) { tasks.erase(name); }, mayForget);
        if (needsSecond(sources, name, expected)) {
            requireSecond(user, "task " + name + " removed", sources,
                          {{"task", name}, {"version", std::to_string(expected)}});
        }
        tasks_.remove(user, name, expected);
    });
}

std::vector<TaskDifference> TaskEditing::importText(const std::string& user,
                                                    const std::string& text, bool dryRun,
                                                    const std::function<void(const Task&)>& check,
                                                    const Check& mayForget) {
    return turn_.with([&](Turn&) {
        std::vector<Task> wanted;
        const auto collect = [&](const Task& task) {
            check(task);
            wanted.push_back(task);
        };
        std::vector<TaskDifference> differences = tasks_.importText(user, text, true, collect);
        const auto sources = lowered(
            [&](TasksByName& tasks) {
                for (const Task& task : wanted) tasks[task.name()] = &task;
            },
            mayForget);
        if (dryRun) return differences;
        if (confirmations_ && !sources.empty() && confirmations_->isNeeded()) {
            throw Error(ErrorCode::conflict,
                        "this lowers the retention of " + shownSources(sources) +
                            ", which needs a second person: change such tasks one by one");
        }
        return tasks_.importText(user, text, false);
    });
}

}  // namespace coffer
