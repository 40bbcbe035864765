#include <iostream>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/output.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/agent_path.h"
#include "management_panel/cli/run_watch.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

struct SynchroniseOptions {
    std::string source;
    std::string target;
    std::vector<std::string> includes;
    std::vector<std::string> excludes;
    std::string conflict;
    std::string limit;       // empty: none
    int mostDeletions = -1;  // below 0: as the server does by itself
    bool twoWay = false;
    bool erases = false;
    bool readsContent = false;
    bool preview = false;
    std::shared_ptr<int> priority;
    bool wait = false;
};

rpc::SettingMap settingsOf(const SynchroniseOptions& options) {
    rpc::SettingMap settings;
    setPriority(settings, *options.priority);
    if (options.twoWay) settings["direction"] = "two-way";
    if (options.erases) settings["delete"] = "yes";
    if (options.readsContent) settings["compare"] = "content";
    if (options.preview) settings["preview"] = "yes";
    if (!options.conflict.empty()) settings["conflict"] = options.conflict;
    if (!options.limit.empty()) settings["limit"] = options.limit;
    if (options.mostDeletions >= 0) {
        settings["most-deletions"] = std::to_string(options.mostDeletions);
    }
    std::string includes;
    for (const std::string& pattern : options.includes) {
        includes += (includes.empty() ? "" : "\n") + pattern;
    }
    if (!includes.empty()) settings["include"] = includes;
    return settings;
}

// What a dry run has noted in its log: one line for each change.
void printPlan(Context& context, long long run) {
    constexpr CORBA::ULong pageOfEntries = 1'000;
    Coffer::LogFilter filter;
    filter.codes = rpc::toStrings({"copy", "adjust", "make-folder", "remove", "remove-folder",
                                   "keep-both", "conflict", "refused", "problem"});
    const auto log = context.connection().logs();
    CORBA::ULongLong after = 0;
    for (bool more = true; more;) {
        context.cancel.check();
        const Coffer::LogPage_var page = rpc::call("read the plan", [&] {
            return Coffer::LogPage_var(log->entries(run, filter, after, pageOfEntries));
        });
        for (CORBA::ULong i = 0; i < page->list.length(); ++i) {
            const Coffer::LogEntry& entry = page->list[i];
            std::cout << shown(entry.code.in()) << "  " << printable(rpc::textOf(entry.where));
            if (entry.message.in()[0] != '\0')
                std::cout << "  (" << shown(entry.message.in()) << ")";
            std::cout << '\n';
        }
        checkOutput(std::cout);
        more = page->more && page->position > after;
        after = page->position;
    }
}

int synchronise(Context& context, const SynchroniseOptions& options) {
    const std::string source = agentPath(options.source).text();
    const std::string target = agentPath(options.target).text();
    const auto runs = context.connection().runs();
    const long long run = rpc::call("start the synchronisation", [&] {
        return runs->startSynchronise(rpc::toPath(source), rpc::toPath(target),
                                      rpc::toStrings(options.excludes),
                                      rpc::toSettings(settingsOf(options)));
    });
    const int code = afterStart(context, run, options.wait || options.preview);
    if (options.preview && !context.options.json) printPlan(context, run);
    return code;
}

}  // namespace

void addSynchronise(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("synchronise", "Make two folders of agents the same");
    const auto options = std::make_shared<SynchroniseOptions>();
    verb->add_option("SOURCE", options->source, "AGENT:/path of a folder")
        ->required()
        ->check(CLI::Validator(checkAgentPath, "", ""));
    verb->add_option("TARGET", options->target, "The one that becomes the same")
        ->required()
        ->check(CLI::Validator(checkAgentPath, "", ""));
    auto* twoWay = verb->add_flag("--two-way", options->twoWay,
                                  "What changed in either comes into the other, deletions too");
    verb->add_flag("--delete", options->erases, "What the source does not have goes in the target")
        ->excludes(twoWay);
    verb->add_option("--conflict", options->conflict,
                     "Of what changed in both: keep-both (default: the older under\n"
                     "another name), newer, source or target")
        ->check(CLI::IsMember({"keep-both", "newer", "source", "target"}))
        ->needs(twoWay);
    verb->add_flag("--compare-content", options->readsContent,
                   "Read what has the same size and time in both");
    verb->add_option("--most-deletions", options->mostDeletions,
                     "Do nothing when more of a folder would go (default: 50 %)")
        ->type_name("PERCENT")
        ->check(CLI::Range(0, 100));
    verb->add_option("--include", options->includes, "A pattern: nothing else takes part")
        ->type_name("PATTERN");
    verb->add_option("--exclude", options->excludes, "A pattern of what is left alone in both")
        ->type_name("PATTERN");
    addLimitOption(*verb, options->limit);
    options->priority = addPriorityOption(*verb);
    verb->add_flag("-n,--dry-run", options->preview, "Only show what would be done");
    verb->add_flag("--wait", options->wait, "Wait for the end and tell the result");
    verb->footer(
        "Patterns begin at the folder: '/cache/' is what lies in it, '*.tmp' is anywhere.\n"
        "The agents of both have to allow it.\n\n"
        "Examples:\n"
        "  coffer synchronise laptop:/home/ann nas:/copies/ann --delete --dry-run\n"
        "  coffer synchronise laptop:/work desktop:/work --two-way --wait");
    verb->callback([&context, options] {
        context.job = [&context, options] { return synchronise(context, *options); };
    });
}

}  // namespace coffer::cli
