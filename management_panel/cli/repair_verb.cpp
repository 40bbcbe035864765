#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/run_watch.h"
#include "management_panel/cli/verbs.h"

namespace coffer::cli {

namespace {

struct RepairOptions {
    std::string repository = "main";
    bool preview = false;
    std::shared_ptr<int> priority;
    bool wait = false;
};

int repair(Context& context, const RepairOptions& options) {
    rpc::SettingMap settings;
    setPriority(settings, *options.priority);
    if (options.preview) settings["preview"] = "yes";
    const auto runs = context.connection().runs();
    const long long run = rpc::call("start the repair", [&] {
        return runs->startRepair(options.repository.c_str(), rpc::toSettings(settings));
    });
    return afterStart(context, run, options.wait);
}

}  // namespace

void addRepair(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("repair", "Save what is left of damaged packs");
    const auto options = std::make_shared<RepairOptions>();
    verb->add_option("REPO", options->repository, "The repository (default: main)");
    verb->add_flag("--preview", options->preview, "Find out what it would do; change nothing");
    options->priority = addPriorityOption(*verb);
    verb->add_flag("--wait", options->wait, "Wait for the end and tell the result");
    verb->footer(
        "For packs that a verification found damaged. Chunks that are still sound and lie nowhere\n"
        "else are copied into new packs, which are read again; then packs that nobody needs any\n"
        "more are condemned. Back up first: what the source still has comes back by that. "
        "Snapshots\n"
        "stay, also those that lost something. Exit code 4: something is lost.\n\n"
        "Examples:\n  coffer repair main --preview --wait\n  coffer repair main --wait");
    verb->callback([&context, options] {
        context.job = [&context, options] { return repair(context, *options); };
    });
}

}  // namespace coffer::cli
