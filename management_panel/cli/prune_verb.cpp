#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/run_watch.h"
#include "management_panel/cli/verbs.h"

namespace coffer::cli {

namespace {

struct PruneOptions {
    std::shared_ptr<std::string> repository;
    unsigned repackAt = 0;  // 0: as the server has it
    bool preview = false;
    bool interrupted = false;
    std::shared_ptr<int> priority;
    bool wait = false;
};

int prune(Context& context, const PruneOptions& options) {
    rpc::SettingMap settings;
    setPriority(settings, *options.priority);
    if (options.preview) settings["preview"] = "yes";
    if (options.interrupted) settings["interrupted"] = "yes";
    if (options.repackAt > 0) settings["repack-at"] = std::to_string(options.repackAt);
    const auto runs = context.connection().runs();
    const long long run = rpc::call("start the prune", [&] {
        return runs->startPrune(options.repository->c_str(), rpc::toSettings(settings));
    });
    return afterStart(context, run, options.wait);
}

}  // namespace

void addPrune(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("prune", "Free what no snapshot needs any more");
    const auto options = std::make_shared<PruneOptions>();
    options->repository = addRepositoryOption(*verb);
    verb->add_flag("--preview", options->preview, "Find out what it would do; change nothing");
    verb->add_option("--repack-at", options->repackAt,
                     "Copy what is needed out of packs that are dead to so many percent "
                     "(default: 30)")
        ->type_name("PERCENT")
        ->check(CLI::Range(1, 100));
    verb->add_flag("--interrupted", options->interrupted,
                   "Also delete what backups that were cut would go on with");
    options->priority = addPriorityOption(*verb);
    verb->add_flag("--wait", options->wait, "Wait for the end and tell the result");
    verb->footer(
        "Runs beside backups, restores and verifications. Cut at any moment, the next one goes "
        "on.\n"
        "Exit code 3: some packs could not be copied, or there was no room to do so.\n\n"
        "Examples:\n  coffer prune --preview --wait\n  coffer prune --wait");
    verb->callback([&context, options] {
        context.job = [&context, options] { return prune(context, *options); };
    });
}

}  // namespace coffer::cli
