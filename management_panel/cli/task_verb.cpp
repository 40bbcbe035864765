#include <algorithm>
#include <iostream>
#include <map>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/forgetting.h"
#include "management_panel/cli/plain_verb.h"
#include "management_panel/cli/task_view.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

struct TaskOptions {
    std::string name;
    std::vector<std::string> settings;  // KEY=VALUE
    long long version = -1;             // the one that is expected; -1: the present one
    std::string schedule;
    std::string zone;
    unsigned count = 5;
};

Coffer::TaskInfo_var taskNamed(Coffer::TaskManager_ptr manager, const std::string& name) {
    return rpc::call("look at the task",
                     [&] { return Coffer::TaskInfo_var(manager->get(name.c_str())); });
}

int list(Context& context) {
    const auto manager = context.connection().tasks();
    Coffer::TaskInfos_var found =
        rpc::call("list the tasks", [&] { return Coffer::TaskInfos_var(manager->list()); });
    if (context.options.json) {
        JsonArray array(std::cout);
        for (CORBA::ULong i = 0; i < found->length(); ++i) array.add(jsonOf(found.in()[i]));
        array.finish();
    } else if (found->length() == 0) {
        std::cout << "No tasks yet: 'coffer task add NAME source=AGENT:/path' makes one.\n";
    } else {
        printTasks(std::cout, found.in());
    }
    return exitSuccess;
}

int show(Context& context, const TaskOptions& options) {
    const Coffer::TaskInfo_var task = taskNamed(context.connection().tasks(), options.name);
    if (context.options.json) {
        printJson(std::cout, jsonOf(task.in()));
    } else {
        printTask(std::cout, task.in());
    }
    return exitSuccess;
}

using Values = std::map<std::string, std::vector<std::string>>;

// "KEY=VALUE" takes the place of all values that the key has; "KEY=" removes it.
void change(Values& values, const std::vector<std::string>& words) {
    Values given;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        if (equals == 0 || equals == word.npos) {
            throw Error(ErrorCode::invalidArgument,
                        "'" + printable(word) + "' is not of the form KEY=VALUE");
        }
        auto& its = given[word.substr(0, equals)];
        if (equals + 1 < word.size()) its.push_back(word.substr(equals + 1));
    }
    for (auto& [key, its] : given) {
        if (its.empty()) {
            values.erase(key);
        } else {
            values[key] = std::move(its);
        }
    }
}

Coffer::Settings settingsOf(const Values& values) {
    Coffer::Settings settings;
    for (const auto& [key, its] : values) {
        for (const std::string& value : its) {
            const CORBA::ULong at = settings.length();
            settings.length(at + 1);
            settings[at].name = key.c_str();
            settings[at].value = value.c_str();
        }
    }
    return settings;
}

int tellVersion(const Context& context, const std::string& name, long long version,
                const std::string& done) {
    Json object = Json::object();
    putOctets(object, "name", name);
    object["version"] = version;
    return answer(context, object, "task " + printable(name) + " " + done);
}

int tellPut(const Context& context, Coffer::TaskManager_ptr manager, const std::string& name,
            long long version, const std::string& done) {
    const int code = tellVersion(context, name, version, done);
    Reporter reporter(context.options);
    warnOf(reporter, taskNamed(manager, name).in());
    return code;
}

int add(Context& context, const TaskOptions& options) {
    Values values;
    change(values, options.settings);
    const auto manager = context.connection().tasks();
    const long long version = rpc::call(
        "make the task", [&] { return manager->put(options.name.c_str(), settingsOf(values), 0); });
    return tellPut(context, manager, options.name, version, "is made");
}

int edit(Context& context, const TaskOptions& options) {
    const auto manager = context.connection().tasks();
    const Coffer::TaskInfo_var task = taskNamed(manager, options.name);
    Values values;
    for (CORBA::ULong i = 0; i < task->definition.length(); ++i) {
        const Coffer::Setting& setting = task->definition[i];
        values[setting.name.in()].emplace_back(setting.value.in());
    }
    change(values, options.settings);
    const long long expected = options.version < 0 ? task->version : options.version;
    const long long version = rpc::call("change the task", [&] {
        return manager->put(options.name.c_str(), settingsOf(values), expected);
    });
    return tellPut(context, manager, options.name, version, "is changed");
}

int remove(Context& context, const TaskOptions& options) {
    const auto manager = context.connection().tasks();
    const long long expected =
        options.version < 0 ? taskNamed(manager, options.name)->version : options.version;
    rpc::call("remove the task", [&] { manager->remove(options.name.c_str(), expected); });
    Json object = Json::object();
    putOctets(object, "removed", options.name);
    return answer(context, object,
                  "task " + printable(options.name) + " is removed; what its runs stored stays");
}

int enable(Context& context, const TaskOptions& options, bool enabled) {
    const auto manager = context.connection().tasks();
    const long long version = rpc::call(enabled ? "enable the task" : "disable the task", [&] {
        return manager->enable(options.name.c_str(), enabled);
    });
    return tellVersion(context, options.name, version,
                       enabled ? "starts by itself" : "starts by hand alone");
}

int preview(Context& context, const TaskOptions& options) {
    if (options.name.empty() == options.schedule.empty()) {
        throw Error(ErrorCode::invalidArgument, "name a task, or give --schedule");
    }
    const auto manager = context.connection().tasks();
    Coffer::Moments_var times = rpc::call("look ahead", [&] {
        return Coffer::Moments_var(options.schedule.empty()
                                       ? manager->preview(options.name.c_str(), options.count)
                                       : manager->previewSchedule(options.schedule.c_str(),
                                                                  options.zone.c_str(),
                                                                  options.count));
    });
    if (context.options.json) {
        Json array = Json::array();
        for (CORBA::ULong i = 0; i < times->length(); ++i) {
            array.push_back(momentJson(times.in()[i]));
        }
        printJson(std::cout, array);
        return exitSuccess;
    }
    for (CORBA::ULong i = 0; i < times->length(); ++i) {
        std::cout << momentText(times.in()[i]) << '\n';
    }
    if (times->length() == 0) std::cout << "Not due by time.\n";
    return exitSuccess;
}

int retention(Context& context, const TaskOptions& options) {
    return Forgetting(context.connection().snapshots(), "", context.options)
        .previewTask(options.name);
}

using Work = int (*)(Context&, const TaskOptions&);

CLI::App* addVerb(CLI::App& group, Context& context, const char* name, const char* about,
                  const std::shared_ptr<TaskOptions>& options, Work work) {
    auto* verb = group.add_subcommand(name, about);
    verb->callback([&context, options, work] {
        context.job = [&context, options, work] { return work(context, *options); };
    });
    return verb;
}

void addName(CLI::App& verb, TaskOptions& options) {
    verb.add_option("NAME", options.name, "The name of the task")->required();
}

void addSettings(CLI::App& verb, TaskOptions& options) {
    verb.add_option("KEY=VALUE", options.settings,
                    "Settings, as in docs/tasks.md; a key with several values\ncomes several times")
        ->required();
}

void addVersion(CLI::App& verb, TaskOptions& options) {
    verb.add_option("--version-is", options.version,
                    "Only if the task still has this version (default: what\nit has now)")
        ->type_name("N");
}

void addLooking(CLI::App& group, Context& context) {
    auto* listing = group.add_subcommand("list", "List the tasks");
    listing->footer("Example:\n  coffer task list");
    listing->callback([&context] { context.job = [&context] { return list(context); }; });

    const auto shown = std::make_shared<TaskOptions>();
    auto* showing =
        addVerb(group, context, "show", "Show a task with all its settings", shown, show);
    addName(*showing, *shown);
    showing->footer("Example:\n  coffer task show office");

    const auto ahead = std::make_shared<TaskOptions>();
    auto* looking = addVerb(group, context, "preview", "Show when a task or a schedule is due next",
                            ahead, preview);
    looking->add_option("NAME", ahead->name, "The name of the task");
    looking->add_option("--schedule", ahead->schedule, "A schedule instead of a task")
        ->type_name("TEXT");
    looking->add_option("--zone", ahead->zone, "Its time zone (default: the server's)")
        ->type_name("ZONE");
    looking->add_option("-n,--count", ahead->count, "How many times (default: 5)")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000));
    looking->footer(
        "Examples:\n"
        "  coffer task preview office\n"
        "  coffer task preview --schedule 'monthly on last friday at 03:00' --zone Europe/Berlin");

    const auto kept = std::make_shared<TaskOptions>();
    auto* keeping = addVerb(group, context, "retention",
                            "Show what the rules of a task would forget now", kept, retention);
    addName(*keeping, *kept);
    keeping->footer(
        "They are applied after each of its backups; where other tasks keep more of a source, "
        "that\n"
        "stays, too.\n\n"
        "Example:\n  coffer task retention office");
}

void addChanging(CLI::App& group, Context& context) {
    const auto made = std::make_shared<TaskOptions>();
    auto* adding = addVerb(group, context, "add", "Make a task", made, add);
    addName(*adding, *made);
    addSettings(*adding, *made);
    adding->footer(
        "Example:\n"
        "  coffer task add office source=laptop-7:/home source=nas-1:/srv \\\n"
        "      exclude='*.tmp' schedule='daily at 21:30' catch-up=12h");

    const auto edited = std::make_shared<TaskOptions>();
    auto* editing = addVerb(group, context, "edit", "Change settings of a task", edited, edit);
    addName(*editing, *edited);
    addSettings(*editing, *edited);
    addVersion(*editing, *edited);
    editing->footer(
        "KEY=VALUE takes the place of all values that the key had; KEY= removes it.\n\n"
        "Example:\n  coffer task edit office schedule='weekly on mon-fri at 21:30' catch-up=");

    const auto removed = std::make_shared<TaskOptions>();
    auto* removing = addVerb(group, context, "remove", "Remove a task; what its runs stored stays",
                             removed, remove);
    addName(*removing, *removed);
    addVersion(*removing, *removed);
    removing->footer("Example:\n  coffer task remove office");
}

void addStarting(CLI::App& group, Context& context) {
    const auto on = std::make_shared<TaskOptions>();
    auto* enabling = addVerb(group, context, "enable", "Let a task start by itself", on,
                             [](Context& c, const TaskOptions& o) { return enable(c, o, true); });
    addName(*enabling, *on);
    enabling->footer("Example:\n  coffer task enable office");

    const auto off = std::make_shared<TaskOptions>();
    auto* disabling = addVerb(group, context, "disable", "Let a task start by hand alone", off,
                              [](Context& c, const TaskOptions& o) { return enable(c, o, false); });
    addName(*disabling, *off);
    disabling->footer("Example:\n  coffer task disable office");
}

}  // namespace

void addTasks(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("task", "What is to be done by itself, and when");
    group->require_subcommand(1);
    group->footer(
        "All settings and the forms of schedules are in docs/tasks.md.\n\n"
        "Example:\n  coffer task add office source=laptop-7:/home schedule='daily at 21:30'");
    addLooking(*group, context);
    addChanging(*group, context);
    addStarting(*group, context);
    addTaskRun(*group, context);
    addTaskTexts(*group, context);
}

}  // namespace coffer::cli
