#include "management_panel/cli/task_view.h"

#include "core/base/printable.h"
#include "core/console/table.h"
#include "core/rpc/convert.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

std::string setting(const Coffer::TaskInfo& task, std::string_view name,
                    const std::string& otherwise = {}) {
    const std::string value = valueOf(task.definition, name);
    return value.empty() ? otherwise : value;
}

bool isEnabled(const Coffer::TaskInfo& task) {
    return setting(task, "enabled") != "no";
}

std::string numbersText(const Coffer::RunNumbers& numbers) {
    std::string text;
    for (CORBA::ULong i = 0; i < numbers.length(); ++i) {
        text += (i == 0 ? "" : ", ") + std::to_string(numbers[i]);
    }
    return text;
}

// By what it starts, in a word or two.
std::string triggerText(const Coffer::TaskInfo& task) {
    if (!isEnabled(task)) return "disabled";
    std::string text = setting(task, "schedule");
    const auto add = [&](const std::string& more) { text += (text.empty() ? "" : "; ") + more; };
    const std::string onAttach = setting(task, "on-attach", "no");
    if (onAttach != "no") add("on attach");
    const std::string after = setting(task, "after");
    if (!after.empty()) add("after " + after);
    return text.empty() ? "by hand" : shown(text);
}

Json settingsJson(const Coffer::Settings& definition) {
    Json settings = Json::object();
    for (CORBA::ULong i = 0; i < definition.length(); ++i) {
        Json value = Json::object();
        putOctets(value, "value", definition[i].value.in());
        settings[shown(definition[i].name.in())].push_back(value["value"]);
    }
    return settings;
}

}  // namespace

Json jsonOf(const Coffer::TaskInfo& task) {
    Json object = Json::object();
    putOctets(object, "name", task.name.in());
    object["version"] = task.version;
    object["enabled"] = isEnabled(task);
    putOctets(object, "kind", setting(task, "kind", "backup"));
    object["settings"] = settingsJson(task.definition);
    object["changed"] = momentJson(task.changed);
    putOctets(object, "changedBy", task.changedBy.in());
    object["lastStarted"] = momentJson(task.lastStarted);
    object["lastRuns"] = Json::array();
    for (CORBA::ULong i = 0; i < task.lastRuns.length(); ++i) {
        object["lastRuns"].push_back(task.lastRuns[i]);
    }
    object["nextDue"] = momentJson(task.nextDue);
    if (has(task.more, "problem")) putOctets(object, "problem", valueOf(task.more, "problem"));
    if (has(task.more, "warning")) putOctets(object, "warning", valueOf(task.more, "warning"));
    if (has(task.more, "waits-since")) {
        putOctets(object, "waitsSince", valueOf(task.more, "waits-since"));
    }
    return object;
}

Json jsonOf(const Coffer::TaskChange& change) {
    Json object = Json::object();
    putOctets(object, "name", change.name.in());
    putOctets(object, "change", change.change.in());
    object["settings"] = Json::array();
    for (CORBA::ULong i = 0; i < change.changes.length(); ++i) {
        object["settings"].push_back(jsonOf(change.changes[i]));
    }
    return object;
}

Json jsonOf(const Coffer::SettingChange& change) {
    Json object = Json::object();
    putOctets(object, "name", change.name.in());
    putOctets(object, "before", rpc::toTexts(change.before));
    putOctets(object, "after", rpc::toTexts(change.after));
    return object;
}

void printTasks(std::ostream& out, const Coffer::TaskInfos& tasks) {
    Table table({{"task"}, {"kind"}, {"component"}, {"starts"}, {"next"}, {"last started"}});
    for (CORBA::ULong i = 0; i < tasks.length(); ++i) {
        const Coffer::TaskInfo& task = tasks[i];
        table.add({shown(task.name.in()), shown(setting(task, "kind", "backup")),
                   shown(setting(task, "component")),
                   has(task.more, "problem") ? "NOT: see task show" : triggerText(task),
                   momentText(task.nextDue), momentText(task.lastStarted)});
    }
    table.print(out);
}

void printTask(std::ostream& out, const Coffer::TaskInfo& task) {
    FactTable facts;
    facts.add("task", shown(task.name.in()));
    for (CORBA::ULong i = 0; i < task.definition.length(); ++i) {
        facts.add(shown(task.definition[i].name.in()), shown(task.definition[i].value.in()));
    }
    facts.add("version", std::to_string(task.version) + ", by " + shown(task.changedBy.in()) +
                             " at " + momentText(task.changed));
    facts.add("next due", momentText(task.nextDue));
    facts.add("last started", momentText(task.lastStarted));
    if (task.lastRuns.length() > 0) facts.add("last runs", numbersText(task.lastRuns));
    if (has(task.more, "problem")) {
        facts.add("NOT CARRIED OUT", shown(valueOf(task.more, "problem")));
    }
    if (has(task.more, "warning")) facts.add("WARNING", shown(valueOf(task.more, "warning")));
    if (has(task.more, "waits-since")) {
        facts.add("waits",
                  "for room for its runs, since " + shown(valueOf(task.more, "waits-since")));
    }
    facts.print(out);
}

void warnOf(Reporter& reporter, const Coffer::TaskInfo& task) {
    if (!has(task.more, "warning")) return;
    reporter.warn({"", ErrorCode::unsupported,
                   "task " + shown(task.name.in()) + ": " + shown(valueOf(task.more, "warning"))});
}

void printChange(std::ostream& out, const Coffer::TaskChange& change) {
    out << shown(change.name.in()) << ": " << shown(change.change.in()) << '\n';
    for (CORBA::ULong i = 0; i < change.changes.length(); ++i) {
        printChange(out, change.changes[i], "  ");
    }
}

void printChange(std::ostream& out, const Coffer::SettingChange& change, const char* indent) {
    const auto print = [&](char sign, const Coffer::Strings& values) {
        for (CORBA::ULong i = 0; i < values.length(); ++i) {
            out << indent << sign << ' ' << shown(change.name.in()) << " = "
                << shown(values[i].in()) << '\n';
        }
    };
    print('-', change.before);
    print('+', change.after);
}

}  // namespace coffer::cli
