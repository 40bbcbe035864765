#include "management_server/tasks/task_forms.h"

#include "core/base/error.h"
#include "core/rpc/convert.h"

namespace coffer {

namespace {

constexpr CORBA::ULong mostLines = 10'000;

Coffer::Settings definitionOf(const TaskSettings& settings) {
    Coffer::Settings definition;
    for (const TaskRule& rule : taskRules()) {
        for (const std::string& value : settingsOf(settings, rule.key)) {
            const CORBA::ULong at = definition.length();
            definition.length(at + 1);
            definition[at].name = rule.key;
            definition[at].value = value.c_str();
        }
    }
    return definition;
}

std::optional<Timestamp> nextOf(const KnownTask& task, Timestamp now) {
    if (!task.task || !task.task->enabled()) return {};
    const std::vector<Timestamp> times = task.task->preview(now, 1);
    return times.empty() ? std::nullopt : std::optional(times.front());
}

}  // namespace

Coffer::TaskInfo toTaskInfo(const KnownTask& task, Timestamp now, bool sendsMail) {
    Coffer::TaskInfo info;
    info.name = task.record.name.c_str();
    info.version = task.record.version;
    info.definition = definitionOf(task.record.settings);
    info.changed = rpc::toMoment(task.record.changed);
    info.changedBy = task.record.changedBy.c_str();
    info.lastStarted = rpc::toMoment(task.record.stand.started);
    info.lastRuns = toRunNumbers(task.record.stand.runs);
    info.nextDue = rpc::toMoment(nextOf(task, now));
    rpc::SettingMap more;
    if (!task.problem.empty()) more["problem"] = task.problem;
    if (!sendsMail && !settingsOf(task.record.settings, "mail").empty()) {
        more["warning"] = "nobody gets the mail that it asks for: the server has no mail.server";
    }
    if (task.record.stand.owed) more["waits-since"] = toIso8601(*task.record.stand.owed);
    info.more = rpc::toSettings(more);
    return info;
}

Coffer::TaskInfos toTaskInfos(const std::vector<KnownTask>& tasks, Timestamp now, bool sendsMail) {
    return rpc::sequenceOf<Coffer::TaskInfos>(
        tasks, [&](const KnownTask& task) { return toTaskInfo(task, now, sendsMail); });
}

Coffer::TaskChanges toTaskChanges(const std::vector<TaskDifference>& differences) {
    return rpc::sequenceOf<Coffer::TaskChanges>(differences, [](const TaskDifference& difference) {
        Coffer::TaskChange change;
        change.name = difference.task.c_str();
        change.change = difference.isNew ? "added" : difference.isSame() ? "same" : "changed";
        change.changes = rpc::sequenceOf<Coffer::SettingChanges>(
            difference.changes, [](const TaskDifference::Change& each) {
                Coffer::SettingChange setting;
                setting.name = each.key.c_str();
                setting.before = rpc::toStrings(each.before);
                setting.after = rpc::toStrings(each.after);
                return setting;
            });
        return change;
    });
}

Coffer::RunNumbers toRunNumbers(const std::vector<std::int64_t>& numbers) {
    return rpc::sequenceOf<Coffer::RunNumbers>(numbers, [](std::int64_t number) { return number; });
}

Coffer::Moments toMoments(const std::vector<Timestamp>& times) {
    return rpc::sequenceOf<Coffer::Moments>(times,
                                            [](Timestamp time) { return rpc::toMoment(time); });
}

TaskSettings toTaskSettings(const Coffer::Settings& definition) {
    if (definition.length() > mostLines) {
        throw Error(ErrorCode::limitExceeded, "a task has at most 10,000 settings");
    }
    TaskSettings settings;
    for (CORBA::ULong i = 0; i < definition.length(); ++i) {
        settings[definition[i].name.in()].emplace_back(definition[i].value.in());
    }
    return settings;
}

}  // namespace coffer
