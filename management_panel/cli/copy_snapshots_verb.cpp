#include "core/base/error.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/run_watch.h"
#include "management_panel/cli/verbs.h"

namespace coffer::cli {

namespace {

struct CopyOptions {
    std::vector<std::string> snapshots;
    std::string from = "main";
    std::string to;
    std::string agent;
    std::string tag;
    std::string limit;  // empty: none
    bool all = false;
    std::shared_ptr<int> priority;
    bool wait = false;
};

int copySnapshots(Context& context, const CopyOptions& options) {
    rpc::SettingMap settings;
    if (options.all) settings["choose"] = "all";
    if (!options.agent.empty()) settings["only-agent"] = options.agent;
    if (!options.tag.empty()) settings["only-tag"] = options.tag;
    if (!options.limit.empty()) settings["limit"] = options.limit;
    setPriority(settings, *options.priority);
    const bool chosen = options.all || !options.agent.empty() || !options.tag.empty();
    if (chosen && !options.snapshots.empty()) {
        throw Error(ErrorCode::invalidArgument, "name snapshots, or say which to choose");
    }
    const auto runs = context.connection().runs();
    const long long run = rpc::call("start the copy", [&] {
        return runs->startCopy(options.from.c_str(), options.to.c_str(),
                               rpc::toStrings(options.snapshots), rpc::toSettings(settings));
    });
    return afterStart(context, run, options.wait);
}

}  // namespace

void addCopySnapshots(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("copy-snapshots", "Copy snapshots into another repository");
    const auto options = std::make_shared<CopyOptions>();
    verb->add_option("SNAPSHOT", options->snapshots,
                     "'latest', ids, or the first digits of them (4 at least);\n"
                     "none: the newest of each source");
    verb->add_option("--from", options->from, "The repository they are in (default: main)")
        ->type_name("REPO");
    verb->add_option("--to", options->to, "The one they are copied into")
        ->type_name("REPO")
        ->required();
    verb->add_flag("--all", options->all, "All that are not there yet");
    verb->add_option("--agent", options->agent, "Only those of this agent")->type_name("NAME");
    verb->add_option("--tag", options->tag, "Only those with this tag");
    addLimitOption(*verb, options->limit);
    options->priority = addPriorityOption(*verb);
    verb->add_flag("--wait", options->wait, "Wait for the end and tell the result");
    verb->footer(
        "A copy is a snapshot there, with keys and retention of that repository. What is there is\n"
        "passed over; what was copied before and forgotten there is copied again only by name.\n\n"
        "Example:\n  coffer copy-snapshots --from main --to offsite --wait");
    verb->callback([&context, options] {
        context.job = [&context, options] { return copySnapshots(context, *options); };
    });
}

}  // namespace coffer::cli
