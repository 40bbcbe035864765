#include "management_server/tasks/task_manager.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/error.h"
#include "core/rpc/failure.h"
#include "management_server/runs/run_manager.h"
#include "management_server/runs/run_options.h"
#include "management_server/runs/sync_choice.h"
#include "management_server/tasks/task_forms.h"

namespace coffer {

namespace {

void checkPreview(CORBA::ULong atMost) {
    if (atMost < 1 || atMost > 1'000) {
        throw Error(ErrorCode::invalidArgument, "a preview has 1 to 1,000 times");
    }
}

bool isSynchronisation(const Task& task) {
    return task.kind() == std::string_view(run_kind::synchronise);
}

std::vector<Scope> scopesOf(const Task& task) {
    std::vector<Scope> scopes;
    if (isSynchronisation(task)) {
        for (const char* side : {"source", "target"}) {
            const AgentFolder folder = AgentFolder::parse(task.setting(side));
            scopes.push_back({task.setting("component"), folder.agent});
        }
        return scopes;
    }
    for (const Task::Part& part : task.parts()) {
        Scope scope{task.setting("component")};
        if (!part.agent.empty()) scope.agent = part.agent;
        scopes.push_back(std::move(scope));
    }
    return scopes;
}

// One that this program cannot read is about its component as a whole.
std::vector<Scope> scopesOf(const KnownTask& known) {
    if (known.task) return scopesOf(*known.task);
    return {Scope{settingOf(known.record.settings, "component")}};
}

// For the audit log, which need not hold thousands of paths.
std::string shownValues(const std::vector<std::string>& values) {
    constexpr std::size_t longest = 1'000;
    std::string text;
    for (const std::string& value : values) text += (text.empty() ? "" : " | ") + value;
    if (text.size() <= longest) return text;
    return text.substr(0, longest) + "… (" + std::to_string(values.size()) + " values)";
}

Change changeOf(const char* action, const std::string& name, const TaskSettings& before,
                const TaskSettings& after) {
    Change change{action, name};
    for (const TaskDifference::Change& each : changesBetween(before, after)) {
        if (!each.before.empty()) change.before[each.key] = shownValues(each.before);
        if (!each.after.empty()) change.after[each.key] = shownValues(each.after);
    }
    return change;
}

}  // namespace

// All but a backup and a synchronisation is about everything: a whole repository, or a snapshot of
// which is not known before whose it is.
std::vector<RightOver> rightsToStart(const Task& task) {
    if (isSynchronisation(task)) return rightsToSynchronise(task.syncRunOf(""));
    std::vector<RightOver> rights;
    const Right right = rightToStart(task.kind());
    for (const Scope& scope : scopesOf(task)) rights.push_back({right, scope});
    if (task.kind() != std::string_view(run_kind::backup)) rights.push_back({right, {}});
    return rights;
}

// A task is started by the server: nobody gets more done by one than by hand, whatever component
// he gives it. What is there others may start who have its component alone.
std::vector<RightOver> rightsToEnter(const Task& task) {
    std::vector<RightOver> rights;
    for (const Scope& scope : scopesOf(task)) rights.push_back({Right::manageTasks, scope});
    std::ranges::move(rightsToStart(task), std::back_inserter(rights));
    for (const Task::Part& part : task.parts()) {
        if (part.agent.empty()) continue;
        rights.push_back({rightToStart(task.kind()), Scope::of(part.agent)});
        if (!hooksIn(task.options()).empty()) {
            rights.push_back({Right::manageTasks, Scope::of(part.agent)});
        }
    }
    return rights;
}

void TaskManager::checkMayEnter(const UserSession& session, const Task& task) const {
    for (const RightOver& needed : rightsToEnter(task)) {
        sessions_.check(session, needed.right, needed.scope);
    }
}

void TaskManager::checkMayStart(const UserSession& session, const Task& task) const {
    for (const RightOver& needed : rightsToStart(task)) {
        sessions_.check(session, needed.right, needed.scope);
    }
}

// What a task forgets, nobody lets it who could not do so by hand.
TaskEditing::Check TaskManager::mayForget(const UserSession& session) const {
    return [this, session](const TaskSource& source) {
        during("retention of " + source.shown(),
               [&] { sessions_.check(session, Right::forget, Scope::of(source.agent)); });
    };
}

bool TaskManager::may(const UserSession& session, Right right, const KnownTask& known) const {
    return std::ranges::all_of(
        scopesOf(known), [&](const Scope& scope) { return sessions_.may(session, right, scope); });
}

UserSession TaskManager::require(Right right, const KnownTask& known) {
    UserSession session = sessions_.require(right, Scope::some());
    for (const Scope& scope : scopesOf(known)) sessions_.check(session, right, scope);
    return session;
}

KnownTask TaskManager::shown(const std::string& name) {
    return shownTo(sessions_.require(Right::look, Scope::some()), name);
}

KnownTask TaskManager::shownTo(const UserSession& session, const std::string& name) const {
    sessions_.check(session, Right::look, Scope::some());
    KnownTask known = tasks_.get(name);
    for (const Scope& scope : scopesOf(known)) sessions_.check(session, Right::look, scope);
    return known;
}

Coffer::TaskInfos* TaskManager::list() {
    return rpc::serve("list", [&] {
        const UserSession session = sessions_.require(Right::look, Scope::some());
        std::vector<KnownTask> tasks = tasks_.list();
        std::erase_if(tasks,
                      [&](const KnownTask& known) { return !may(session, Right::look, known); });
        return new Coffer::TaskInfos(toTaskInfos(tasks, clock_.now(), sendsMail_));
    });
}

Coffer::TaskInfo* TaskManager::get(const char* name) {
    return rpc::serve("get", [&] {
        return new Coffer::TaskInfo(toTaskInfo(shown(name), clock_.now(), sendsMail_));
    });
}

CORBA::LongLong TaskManager::put(const char* name, const Coffer::Settings& definition,
                                 CORBA::LongLong expectedVersion) {
    return rpc::serve("put", [&]() -> CORBA::LongLong {
        UserSession session = sessions_.require(Right::manageTasks, Scope::some());
        const TaskSettings settings = toTaskSettings(definition);
        const Task wanted(name, settings);
        checkMayEnter(session, wanted);
        TaskSettings before;
        if (expectedVersion != 0) {
            const KnownTask known = tasks_.get(name);
            session = require(Right::manageTasks, known);
            before = known.record.settings;
        }
        return sessions_.audited(session, changeOf("task-changed", name, before, settings), [&] {
            return editing_.put(session.user, wanted, expectedVersion, mayForget(session));
        });
    });
}

void TaskManager::remove(const char* name, CORBA::LongLong expectedVersion) {
    rpc::serve("remove", [&] {
        const KnownTask known = shown(name);
        const UserSession session = require(Right::manageTasks, known);
        sessions_.audited(session, changeOf("task-removed", name, known.record.settings, {}), [&] {
            editing_.remove(session.user, name, expectedVersion, mayForget(session));
        });
    });
}

CORBA::LongLong TaskManager::enable(const char* name, CORBA::Boolean enabled) {
    return rpc::serve("enable", [&]() -> CORBA::LongLong {
        const KnownTask known = shown(name);
        const UserSession session = require(Right::manageTasks, known);
        if (enabled && known.task) checkMayStart(session, *known.task);
        return sessions_.audited(session, {enabled ? "task-enabled" : "task-disabled", name},
                                 [&] { return tasks_.enable(session.user, name, enabled); });
    });
}

Coffer::RunNumbers* TaskManager::runNow(const char* name) {
    return rpc::serve("runNow", [&] {
        const UserSession session = sessions_.require(Right::look, Scope::some());
        return new Coffer::RunNumbers(toRunNumbers(start(session, name)));
    });
}

std::vector<std::int64_t> TaskManager::start(const UserSession& session, const std::string& name) {
    const KnownTask known = shownTo(session, name);
    if (!known.task) throw Error(ErrorCode::unsupported, known.problem);
    checkMayStart(session, *known.task);
    return sessions_.audited(session, {"task-started", name},
                             [&] { return starter_.startNow(known, session.user); });
}

Coffer::Moments* TaskManager::preview(const char* name, CORBA::ULong atMost) {
    return rpc::serve("preview", [&] {
        const KnownTask task = shown(name);
        checkPreview(atMost);
        if (!task.task) throw Error(ErrorCode::unsupported, task.problem);
        return new Coffer::Moments(toMoments(task.task->preview(clock_.now(), atMost)));
    });
}

Coffer::Moments* TaskManager::previewSchedule(const char* schedule, const char* zone,
                                              CORBA::ULong atMost) {
    return rpc::serve("previewSchedule", [&] {
        sessions_.require(Right::look, Scope::some());
        checkPreview(atMost);
        const auto times = Schedule::parse(schedule).preview(clock_.now(), atMost, zoneNamed(zone));
        return new Coffer::Moments(toMoments(times));
    });
}

char* TaskManager::exportText(const char* name) {
    return rpc::serve("exportText", [&] {
        if (*name == '\0') {
            sessions_.require(Right::look);
        } else {
            shown(name);
        }
        return CORBA::string_dup(tasks_.exported(name).c_str());
    });
}

Coffer::TaskChanges* TaskManager::importText(const char* text, CORBA::Boolean dryRun) {
    return rpc::serve("importText", [&] {
        const UserSession session = sessions_.require(Right::manageTasks);
        const auto allowed = [&](const Task& task) { checkMayEnter(session, task); };
        const auto import = [&](bool tryOnly) {
            return editing_.importText(session.user, text, tryOnly, allowed, mayForget(session));
        };
        const std::vector<TaskDifference> seen = import(true);
        if (dryRun) return new Coffer::TaskChanges(toTaskChanges(seen));
        Change change{"tasks-imported", ""};
        for (const TaskDifference& each : seen) {
            if (!each.isSame()) change.after[each.task] = each.isNew ? "added" : "changed";
        }
        return new Coffer::TaskChanges(
            toTaskChanges(sessions_.audited(session, change, [&] { return import(false); })));
    });
}

}  // namespace coffer
