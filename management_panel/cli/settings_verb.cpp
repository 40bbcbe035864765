// settings, settings show, set, reset, history.

#include <CLI/CLI.hpp>
#include <iostream>
#include <sstream>
#include <string_view>

#include "core/console/exit_codes.h"
#include "core/console/table.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/plain_verb.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

constexpr CORBA::ULong mostShown = 1'000;

struct SettingOptions {
    std::string name;  // of history may be empty
    std::string value;
    long long version = -1;  // the one that is expected; -1: the present one
    std::uint32_t count = 50;
};

const char* countsFrom(const Coffer::SettingInfo& setting) {
    if (setting.live) return "at once";
    return "after the next start";
}

bool isPending(const Coffer::SettingInfo& setting) {
    return std::string_view(setting.value.in()) != setting.inForce.in();
}

Json jsonOf(const Coffer::SettingInfo& setting) {
    Json object = Json::object();
    putOctets(object, "name", setting.name.in());
    putOctets(object, "type", setting.type.in());
    putOctets(object, "unit", setting.unit.in());
    putOctets(object, "range", setting.range.in());
    putOctets(object, "doc", setting.doc.in());
    putOctets(object, "default", setting.usual.in());
    putOctets(object, "value", setting.value.in());
    putOctets(object, "inForce", setting.inForce.in());
    putOctets(object, "origin", setting.origin.in());
    object["live"] = bool{setting.live};
    object["fileOnly"] = bool{setting.fileOnly};
    object["secret"] = bool{setting.secret};
    object["pending"] = isPending(setting);
    object["version"] = setting.version;
    object["changed"] = momentJson(setting.changed);
    putOctets(object, "changedBy", setting.changedBy.in());
    for (const char* name : {"file", "problem"}) {
        object[name] = has(setting.more, name) ? Json(shown(valueOf(setting.more, name))) : Json();
    }
    return object;
}

Json jsonOf(const Coffer::SettingRecord& record) {
    Json object{{"number", record.number}, {"time", momentJson(record.time)}};
    putOctets(object, "user", record.user.in());
    putOctets(object, "name", record.name.in());
    putOctets(object, "before", record.before.in());
    putOctets(object, "after", record.after.in());
    putOctets(object, "origin", record.origin.in());
    return object;
}

std::string noteOn(const Coffer::SettingInfo& setting) {
    if (has(setting.more, "problem")) return "NOT USED: see settings show";
    if (isPending(setting)) return "after the next start";
    return setting.fileOnly ? "server.ini alone" : "";
}

int list(Context& context) {
    const auto manager = context.connection().settings();
    Coffer::SettingInfos_var settings =
        rpc::call("list the settings", [&] { return Coffer::SettingInfos_var(manager->list()); });
    if (context.options.json) {
        JsonArray array(std::cout);
        for (CORBA::ULong i = 0; i < settings->length(); ++i) array.add(jsonOf(settings[i]));
        array.finish();
        return exitSuccess;
    }
    Table table({{"setting"}, {"value"}, {"unit"}, {"from"}, {"note"}});
    for (CORBA::ULong i = 0; i < settings->length(); ++i) {
        const Coffer::SettingInfo& setting = settings[i];
        table.add({shown(setting.name.in()), shown(setting.value.in()), shown(setting.unit.in()),
                   shown(setting.origin.in()), noteOn(setting)});
    }
    table.print(std::cout);
    return exitSuccess;
}

Coffer::SettingInfo_var settingNamed(Coffer::SettingsManager_ptr manager, const std::string& name) {
    return rpc::call("look at the setting",
                     [&] { return Coffer::SettingInfo_var(manager->get(name.c_str())); });
}

int show(Context& context, const SettingOptions& options) {
    const Coffer::SettingInfo_var setting =
        settingNamed(context.connection().settings(), options.name);
    if (context.options.json) {
        printJson(std::cout, jsonOf(setting.in()));
        return exitSuccess;
    }
    FactTable facts;
    facts.add("setting", shown(setting->name.in()));
    facts.add("value", shown(setting->value.in()));
    if (isPending(setting.in())) {
        facts.add("in force", shown(setting->inForce.in()) + ", until the next start");
    }
    const std::string file = shown(valueOf(setting->more, "file"));
    facts.add("from", shown(setting->origin.in()) + (file.empty() ? "" : " " + file));
    if (has(setting->more, "problem")) {
        facts.add("not used", shown(valueOf(setting->more, "problem")));
    }
    facts.add("default", shown(setting->usual.in()));
    const std::string range = shown(setting->range.in());
    facts.add("type", shown(setting->type.in()) + (range.empty() ? "" : ": " + range));
    facts.add("a change counts", setting->fileOnly ? "in server.ini alone, after the next start"
                                                   : countsFrom(setting.in()));
    if (setting->version > 0) {
        facts.add("version", std::to_string(setting->version) + ", by " +
                                 shown(setting->changedBy.in()) + " at " +
                                 momentText(setting->changed));
    }
    facts.print(std::cout);
    std::cout << '\n';
    // Line by line: shown() would escape the ends.
    std::istringstream doc(setting->doc.in());
    for (std::string line; std::getline(doc, line);) std::cout << shown(line) << '\n';
    return exitSuccess;
}

int tell(Context& context, const SettingOptions& options, const std::string& what) {
    const Coffer::SettingInfo_var setting =
        settingNamed(context.connection().settings(), options.name);
    const char* counts = countsFrom(setting.in());
    return answer(context, jsonOf(setting.in()),
                  shown(setting->name.in()) + " is " + what + ": " + shown(setting->value.in()) +
                      ", which counts " +
                      (isPending(setting.in()) ? "after the next start" : counts) + ".");
}

long long expectedOf(Coffer::SettingsManager_ptr manager, const SettingOptions& options) {
    return options.version < 0 ? settingNamed(manager, options.name)->version : options.version;
}

int set(Context& context, const SettingOptions& options) {
    const auto manager = context.connection().settings();
    const long long expected = expectedOf(manager, options);
    rpc::call("change the setting",
              [&] { manager->set(options.name.c_str(), options.value.c_str(), expected); });
    return tell(context, options, "set");
}

int reset(Context& context, const SettingOptions& options) {
    const auto manager = context.connection().settings();
    const long long expected = expectedOf(manager, options);
    rpc::call("reset the setting", [&] { manager->reset(options.name.c_str(), expected); });
    return tell(context, options, "reset");
}

int history(Context& context, const SettingOptions& options) {
    const auto manager = context.connection().settings();
    const CORBA::ULong atMost = options.count == 0 ? mostShown : options.count;
    Coffer::SettingRecords_var records = rpc::call("look at the history", [&] {
        return Coffer::SettingRecords_var(manager->history(options.name.c_str(), 0, atMost));
    });
    if (context.options.json) {
        JsonArray array(std::cout);
        for (CORBA::ULong i = 0; i < records->length(); ++i) array.add(jsonOf(records[i]));
        array.finish();
        return exitSuccess;
    }
    using Align = Table::Align;
    Table table(
        {{"change", Align::right}, {"time"}, {"by"}, {"setting"}, {"before"}, {"after"}, {"from"}});
    for (CORBA::ULong i = 0; i < records->length(); ++i) {
        const Coffer::SettingRecord& record = records[i];
        table.add({std::to_string(record.number), momentText(record.time), shown(record.user.in()),
                   shown(record.name.in()), shown(record.before.in()), shown(record.after.in()),
                   shown(record.origin.in())});
    }
    table.print(std::cout);
    return exitSuccess;
}

using Work = int (*)(Context&, const SettingOptions&);

CLI::App* addVerb(CLI::App& group, Context& context, const char* name, const char* about,
                  const std::shared_ptr<SettingOptions>& options, Work work) {
    auto* verb = group.add_subcommand(name, about);
    verb->callback([&context, options, work] {
        context.job = [&context, options, work] { return work(context, *options); };
    });
    return verb;
}

void addKey(CLI::App& verb, SettingOptions& options) {
    verb.add_option("KEY", options.name, "The setting: runs.at-once")->required();
}

void addVersion(CLI::App& verb, SettingOptions& options) {
    verb.add_option("--version-is", options.version,
                    "Only if the setting still has this version (default: what it has now)")
        ->type_name("N");
}

}  // namespace

void addSettings(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("settings", "Show and change the settings of the server");
    group->require_subcommand(0, 1);
    group->footer(
        "Without a further word: all settings, what they are and where that comes from.\n"
        "What is set here counts more than server.ini, at once or after the next start.\n\n"
        "Example:\n  coffer settings");
    group->callback([&context, group] {
        if (group->get_subcommands().empty()) {
            context.job = [&context] { return list(context); };
        }
    });

    const auto shown = std::make_shared<SettingOptions>();
    auto* showing =
        addVerb(*group, context, "show", "Show a setting and what it means", shown, show);
    addKey(*showing, *shown);
    showing->footer("Example:\n  coffer settings show runs.at-once");

    const auto given = std::make_shared<SettingOptions>();
    auto* setting =
        addVerb(*group, context, "set", "Set a setting, over that of server.ini", given, set);
    addKey(*setting, *given);
    setting->add_option("VALUE", given->value, "Its value; '' for none")->required();
    addVersion(*setting, *given);
    setting->footer("Example:\n  coffer settings set sessions.idle-minutes 30");

    const auto former = std::make_shared<SettingOptions>();
    auto* resetting = addVerb(*group, context, "reset",
                              "Have server.ini or the default count again", former, reset);
    addKey(*resetting, *former);
    addVersion(*resetting, *former);
    resetting->footer("Example:\n  coffer settings reset sessions.idle-minutes");

    const auto past = std::make_shared<SettingOptions>();
    auto* looking = addVerb(*group, context, "history",
                            "Show who changed settings, when, from what to what", past, history);
    looking->add_option("KEY", past->name, "One setting (default: all)");
    looking->add_option("-n", past->count, "So many at most (default: 50; 0: 1,000)")
        ->type_name("N")
        ->check(CLI::Range(0, 1'000));
    looking->footer("Example:\n  coffer settings history runs.at-once");

    addSettingTexts(*group, context);
}

}  // namespace coffer::cli
