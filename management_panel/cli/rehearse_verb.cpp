#include "core/base/printable.h"
#include "core/console/snapshot_path.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/latest_choice.h"
#include "management_panel/cli/run_watch.h"
#include "management_panel/cli/verbs.h"

namespace coffer::cli {

namespace {

struct RehearseOptions {
    std::string snapshot = "latest";
    std::vector<std::string> paths;
    unsigned sample = 100;
    unsigned workers = 0;
    LatestChoice latest;
    std::shared_ptr<std::string> repository;
    std::shared_ptr<int> priority;
    bool wait = false;
};

int rehearse(Context& context, const RehearseOptions& options) {
    rpc::SettingMap settings;
    setPriority(settings, *options.priority);
    if (options.sample < 100) settings["sample"] = std::to_string(options.sample);
    addLatest(settings, options.latest);
    if (options.workers > 0) settings["workers"] = std::to_string(options.workers);
    std::vector<std::string> paths;
    for (const std::string& path : options.paths) paths.push_back(snapshotPath("x:" + path).path);
    const auto runs = context.connection().runs();
    const long long run = rpc::call("start the rehearsal", [&] {
        return runs->startRehearsal(options.repository->c_str(), options.snapshot.c_str(),
                                    rpc::toPaths(paths), rpc::toSettings(settings));
    });
    return afterStart(context, run, options.wait);
}

}  // namespace

void addRehearse(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand(
        "rehearse", "Have the server restore a snapshot into scratch space and compare it");
    const auto options = std::make_shared<RehearseOptions>();
    verb->add_option("SNAPSHOT", options->snapshot,
                     "'latest' (default), an id or its first digits");
    verb->add_option("PATH", options->paths, "Only these, as they were backed up (default: all)");
    verb->add_option("--sample", options->sample,
                     "Only so many % of the files, chosen by their paths")
        ->type_name("PERCENT")
        ->check(CLI::Range(1, 100));
    verb->add_option("--workers", options->workers, "Threads at the server (default: its cores)")
        ->type_name("N")
        ->check(CLI::Range(1, 256));
    addLatestOptions(*verb, options->latest);
    options->repository = addRepositoryOption(*verb);
    options->priority = addPriorityOption(*verb);
    verb->add_flag("--wait", options->wait, "Wait for the end and tell the result");
    verb->footer(
        "Everything that comes back is read again: attributes are compared, and the content by "
        "the\n"
        "ids of its chunks. When each source was last proven is told by 'coffer repo info' and\n"
        "'coffer agents'. Exit code 4: something is not as the snapshot says.\n\n"
        "Examples:\n  coffer rehearse latest --wait\n"
        "  coffer rehearse 1f3a9c02 /home/ann --sample 10 --wait");
    verb->callback([&context, options] {
        context.job = [&context, options] { return rehearse(context, *options); };
    });
}

}  // namespace coffer::cli
