#include "management_server/tasks/task_manager.h"

#include "core/base/error.h"
#include "core/rpc/failure.h"
#include "management_server/tasks/task_forms.h"

namespace coffer {

namespace {

void checkPreview(CORBA::ULong atMost) {
    if (atMost < 1 || atMost > 1'000) {
        throw Error(ErrorCode::invalidArgument, "a preview has 1 to 1,000 times");
    }
}

}  // namespace

Coffer::TaskInfos* TaskManager::list() {
    return rpc::serve("list", [&] {
        sessions_.require();
        return new Coffer::TaskInfos(toTaskInfos(tasks_.list(), clock_.now()));
    });
}

Coffer::TaskInfo* TaskManager::get(const char* name) {
    return rpc::serve("get", [&] {
        sessions_.require();
        return new Coffer::TaskInfo(toTaskInfo(tasks_.get(name), clock_.now()));
    });
}

CORBA::LongLong TaskManager::put(const char* name, const Coffer::Settings& definition,
                                 CORBA::LongLong expectedVersion) {
    return rpc::serve("put", [&]() -> CORBA::LongLong {
        const UserSession session = sessions_.require();
        return tasks_.put(session.user, name, toTaskSettings(definition), expectedVersion);
    });
}

void TaskManager::remove(const char* name, CORBA::LongLong expectedVersion) {
    rpc::serve("remove", [&] {
        const UserSession session = sessions_.require();
        tasks_.remove(session.user, name, expectedVersion);
    });
}

CORBA::LongLong TaskManager::enable(const char* name, CORBA::Boolean enabled) {
    return rpc::serve("enable", [&]() -> CORBA::LongLong {
        const UserSession session = sessions_.require();
        return tasks_.enable(session.user, name, enabled);
    });
}

Coffer::RunNumbers* TaskManager::runNow(const char* name) {
    return rpc::serve("runNow", [&] {
        const UserSession session = sessions_.require();
        const auto numbers = starter_.startNow(tasks_.get(name), session.user);
        return new Coffer::RunNumbers(toRunNumbers(numbers));
    });
}

Coffer::Moments* TaskManager::preview(const char* name, CORBA::ULong atMost) {
    return rpc::serve("preview", [&] {
        sessions_.require();
        checkPreview(atMost);
        const KnownTask task = tasks_.get(name);
        if (!task.task) throw Error(ErrorCode::unsupported, task.problem);
        std::vector<Timestamp> times;
        if (task.task->timetable()) times = task.task->timetable()->preview(clock_.now(), atMost);
        return new Coffer::Moments(toMoments(times));
    });
}

Coffer::Moments* TaskManager::previewSchedule(const char* schedule, const char* zone,
                                              CORBA::ULong atMost) {
    return rpc::serve("previewSchedule", [&] {
        sessions_.require();
        checkPreview(atMost);
        const auto times = Schedule::parse(schedule).preview(clock_.now(), atMost, zoneNamed(zone));
        return new Coffer::Moments(toMoments(times));
    });
}

char* TaskManager::exportText(const char* name) {
    return rpc::serve("exportText", [&] {
        sessions_.require();
        return CORBA::string_dup(tasks_.exported(name).c_str());
    });
}

Coffer::TaskChanges* TaskManager::importText(const char* text, CORBA::Boolean dryRun) {
    return rpc::serve("importText", [&] {
        const UserSession session = sessions_.require();
        return new Coffer::TaskChanges(
            toTaskChanges(tasks_.importText(session.user, text, dryRun)));
    });
}

}  // namespace coffer
