#include <iostream>

#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/reporter.h"
#include "core/console/table.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/duration.h"
#include "management_panel/cli/plain_verb.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

struct StatusOptions {
    std::string component;
    bool all = false;
};

struct AcknowledgeOptions {
    std::string source;
    std::string reason;
    std::string until = "7d";
};

bool isProtected(const std::string& state) {
    return state == "protected";
}

bool isAcknowledged(const Coffer::SourceStatus& source) {
    return has(source.more, "acknowledged-until");
}

Json jsonOf(const Coffer::SourceStatus& source) {
    Json object = Json::object();
    putOctets(object, "id", source.id.in());
    putOctets(object, "agent", source.agent.in());
    putOctets(object, "repository", source.repository.in());
    putOctets(object, "paths", pathsOf(source.what));
    putOctets(object, "component", source.componentPath.in());
    putOctets(object, "state", source.state.in());
    putOctets(object, "cause", source.cause.in());
    putOctets(object, "action", source.action.in());
    object["since"] = momentJson(source.since);
    object["lastGood"] = momentJson(source.lastGood);
    object["lastFailed"] = momentJson(source.lastFailed);
    object["lastProven"] = momentJson(source.lastProven);
    object["more"] = factsJson(source.more);
    return object;
}

Json jsonOf(const Coffer::StatusReport& report) {
    Json object = Json::object();
    object["time"] = momentJson(report.time);
    putOctets(object, "state", report.state.in());
    object["total"] = report.total;
    object["sources"] = Json::array();
    for (CORBA::ULong i = 0; i < report.sources.length(); ++i) {
        object["sources"].push_back(jsonOf(report.sources[i]));
    }
    object["components"] = Json::array();
    for (CORBA::ULong i = 0; i < report.components.length(); ++i) {
        const Coffer::ComponentState& each = report.components[i];
        Json component = Json::object();
        putOctets(component, "path", each.path.in());
        putOctets(component, "state", each.state.in());
        component["sources"] = each.sources;
        component["troubled"] = each.troubled;
        object["components"].push_back(std::move(component));
    }
    object["uncovered"] = Json::array();
    for (CORBA::ULong i = 0; i < report.uncovered.length(); ++i) {
        const Coffer::UncoveredFileSystem& each = report.uncovered[i];
        Json bare = Json::object();
        putOctets(bare, "agent", each.agent.in());
        putOctets(bare, "mountPoint", each.mountPoint.in());
        putOctets(bare, "type", each.type.in());
        bare["size"] = each.size;
        object["uncovered"].push_back(std::move(bare));
    }
    return object;
}

std::string sourceText(const Coffer::SourceStatus& source) {
    const std::vector<std::string> paths = pathsOf(source.what);
    return paths.empty() ? shown(source.agent.in())
                         : shown(source.agent.in()) + ":" + listText(paths);
}

std::string causeText(const Coffer::SourceStatus& source) {
    if (!isAcknowledged(source)) return shown(source.cause.in());
    return "known to " + shown(valueOf(source.more, "acknowledged-by")) + " until " +
           shown(valueOf(source.more, "acknowledged-until")) + ": " +
           shown(valueOf(source.more, "acknowledged-reason"));
}

void printSources(const Coffer::StatusReport& report, bool all) {
    Table table({{"id"}, {"state"}, {"source"}, {"repository"}, {"last good backup"}, {"why"}});
    bool any = false;
    for (CORBA::ULong i = 0; i < report.sources.length(); ++i) {
        const Coffer::SourceStatus& source = report.sources[i];
        if (!all && (isProtected(source.state.in()) || isAcknowledged(source))) continue;
        any = true;
        table.add({shown(source.id.in()), shown(source.state.in()), sourceText(source),
                   shown(source.repository.in()), momentText(source.lastGood), causeText(source)});
        const std::string action = shown(source.action.in());
        if (!action.empty()) table.add({"", "", "", "", "", "-> " + action});
    }
    if (any) table.print(std::cout);
    if (report.sources.length() < report.total) {
        std::cout << "and " << countText(report.total - report.sources.length()) << " more\n";
    }
}

// What is below the whole, when there is more than one of them.
void printComponents(const Coffer::StatusReport& report, bool all) {
    if (report.components.length() < 3) return;
    Table table({{"component"},
                 {"state"},
                 {"sources", Table::Align::right},
                 {"not protected", Table::Align::right}});
    bool any = false;
    for (CORBA::ULong i = 1; i < report.components.length(); ++i) {
        const Coffer::ComponentState& each = report.components[i];
        if (!all && isProtected(each.state.in())) continue;
        any = true;
        table.add({shown(each.path.in()), shown(each.state.in()), countText(each.sources),
                   countText(each.troubled)});
    }
    if (!any) return;
    std::cout << '\n';
    table.print(std::cout);
}

void printUncovered(const Coffer::StatusReport& report) {
    if (report.uncovered.length() == 0) return;
    std::cout << "\nNothing is backed up of these file systems:\n";
    Table table({{""}, {""}, {"", Table::Align::right}});
    for (CORBA::ULong i = 0; i < report.uncovered.length(); ++i) {
        const Coffer::UncoveredFileSystem& each = report.uncovered[i];
        const auto size = static_cast<std::uint64_t>(std::max<Coffer::ByteCount>(each.size, 0));
        table.add({"  " + shown(each.agent.in()) + ":" + shown(each.mountPoint.in()),
                   shown(each.type.in()), sizeText(size)});
    }
    table.print(std::cout);
}

void print(const Coffer::StatusReport& report, bool all) {
    // The first is the whole that was asked for.
    const std::uint64_t troubled =
        report.components.length() == 0 ? 0 : report.components[0].troubled;
    std::cout << shown(report.state.in()) << ": ";
    if (troubled == 0) {
        std::cout << countText(report.total, "source") << '\n';
    } else {
        std::cout << countText(troubled) << " of " << countText(report.total, "source")
                  << " not protected\n";
    }
    printSources(report, all);
    printComponents(report, all);
    printUncovered(report);
}

int status(Context& context, const StatusOptions& options) {
    const auto board = context.connection().status();
    const Coffer::StatusReport_var report = rpc::call("ask for the status", [&] {
        return Coffer::StatusReport_var(board->report(options.component.c_str()));
    });
    if (context.options.json) {
        printJson(std::cout, jsonOf(report.in()));
    } else {
        print(report.in(), options.all);
    }
    return isProtected(report->state.in()) ? exitSuccess : exitFailed;
}

int acknowledge(Context& context, const AcknowledgeOptions& options) {
    Timestamp until = SystemClock().now();
    until.seconds += secondsIn(options.until);
    const auto board = context.connection().status();
    rpc::call("acknowledge", [&] {
        board->acknowledge(options.source.c_str(), options.reason.c_str(), rpc::toMoment(until));
    });
    if (!context.options.json) {
        Reporter(context.options).note("it counts as protected until " + timeText(until));
    }
    return exitSuccess;
}

void addAcknowledge(CLI::App& group, Context& context) {
    auto* verb = group.add_subcommand("acknowledge", "Somebody knows that a source is as it is");
    const auto options = std::make_shared<AcknowledgeOptions>();
    verb->add_option("ID", options->source, "The source, as 'coffer status' names it")->required();
    verb->add_option("--reason", options->reason, "Why that is all right")->required();
    verb->add_option("--for", options->until, "For so long (default: 7d)")
        ->type_name("TIME")
        ->check(CLI::Validator(checkDuration, "", ""));
    verb->footer(
        "Until then its state, and any better one, counts as protected. Anything worse is told.\n\n"
        "Example:\n"
        "  coffer status acknowledge 3f9a0c1122334455 --reason 'Ann is on holiday' --for 14d");
    verb->callback([&context, options] {
        context.job = [&context, options] { return acknowledge(context, *options); };
    });
}

void addChange(CLI::App& group, Context& context, const char* name, const char* help,
               void (*change)(Coffer::StatusBoard_ptr, const char*)) {
    addPlain(group, context,
             {name,
              help,
              {{"ID", "The source, as 'coffer status' names it"}},
              std::string("Example:\n  coffer status ") + name + " 3f9a0c1122334455",
              [name, change](Context& its, const std::vector<std::string>& words) -> int {
                  const auto board = its.connection().status();
                  rpc::call(name, [&] { change(board, words.front().c_str()); });
                  return exitSuccess;
              }});
}

}  // namespace

void addStatus(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("status", "Show how well everything is protected");
    const auto options = std::make_shared<StatusOptions>();
    verb->add_option("--component", options->component, "Only what lies below this path")
        ->type_name("PATH");
    verb->add_flag("-a,--all", options->all, "Also what is protected or acknowledged");
    verb->require_subcommand(0, 1);
    addAcknowledge(*verb, context);
    addChange(*verb, context, "withdraw", "Take an acknowledgement back",
              [](Coffer::StatusBoard_ptr board, const char* id) { board->withdraw(id); });
    addChange(*verb, context, "drop", "Watch a source no more, until it is backed up again",
              [](Coffer::StatusBoard_ptr board, const char* id) { board->drop(id); });
    verb->footer(
        "States, from the best to the worst: protected, unproven, late, failing, unprotected.\n"
        "Exit code: 0 when all is protected or acknowledged, 1 otherwise.\n\n"
        "Examples:\n"
        "  coffer status\n"
        "  coffer --json status | jq -r '.sources[] | select(.state == \"late\") | .agent'");
    verb->callback([&context, options, verb] {
        if (!verb->get_subcommands().empty()) return;
        context.job = [&context, options] { return status(context, *options); };
    });
}

}  // namespace coffer::cli
