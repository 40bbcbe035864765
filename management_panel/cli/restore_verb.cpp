#include "core/base/printable.h"
#include "core/console/snapshot_path.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/agent_path.h"
#include "management_panel/cli/latest_choice.h"
#include "management_panel/cli/run_pace.h"
#include "management_panel/cli/run_watch.h"
#include "management_panel/cli/verbs.h"

namespace coffer::cli {

namespace {

struct RestoreOptions {
    std::string snapshot;
    std::vector<std::string> paths;
    std::string target;
    std::string overwrite;
    unsigned workers = 0;
    RunPace pace;
    LatestChoice latest;
    std::shared_ptr<std::string> repository;
    std::shared_ptr<int> priority;
    bool wait = false;
};

std::string checkAbsolute(std::string& word) {
    if (word.starts_with('/')) return {};
    return "'" + printable(word) + "' is no absolute path";
}

// SNAPSHOT:/path names a path just as a word of its own does.
std::vector<std::string> pathsIn(const RestoreOptions& options) {
    std::vector<std::string> paths;
    const auto add = [&](const std::string& path) {
        paths.push_back(snapshotPath("x:" + path).path);
    };
    const std::size_t colon = options.snapshot.find(':');
    if (colon != std::string::npos) add(options.snapshot.substr(colon + 1));
    for (const std::string& path : options.paths) add(path);
    if (paths.size() == 1 && paths.front() == "/") paths.clear();
    return paths;
}

int restore(Context& context, const RestoreOptions& options) {
    const std::string snapshot = snapshotPath(options.snapshot).snapshot;
    const AgentPath target = agentPath(options.target);
    rpc::SettingMap settings;
    setPriority(settings, *options.priority);
    if (!options.overwrite.empty()) settings["overwrite"] = options.overwrite;
    addLatest(settings, options.latest);
    if (options.workers > 0) settings["workers"] = std::to_string(options.workers);
    addPace(settings, options.pace);
    const auto runs = context.connection().runs();
    const long long run = rpc::call("start the restore", [&] {
        return runs->startRestore(options.repository->c_str(), snapshot.c_str(),
                                  rpc::toPaths(pathsIn(options)), target.agent.c_str(),
                                  rpc::toPath(target.path), rpc::toSettings(settings));
    });
    return afterStart(context, run, options.wait);
}

}  // namespace

void addRestore(CLI::App& app, Context& context) {
    auto* verb =
        app.add_subcommand("restore", "Bring a snapshot, or parts of it, back to an agent");
    const auto options = std::make_shared<RestoreOptions>();
    verb->add_option("SNAPSHOT", options->snapshot, "'latest', an id or its first digits")
        ->required();
    verb->add_option("PATH", options->paths, "What to restore, as it was backed up (default: all)")
        ->check(CLI::Validator(checkAbsolute, "", ""));
    verb->add_option("--to", options->target, "Folder to restore into, made when it is missing")
        ->type_name("AGENT:/dir")
        ->required()
        ->check(CLI::Validator(checkAgentPath, "", ""));
    verb->add_option("--overwrite", options->overwrite,
                     "What to do with files that are there: never replace them,\n"
                     "replace older ones, always")
        ->type_name("HOW")
        ->check(CLI::IsMember({"never", "older", "always"}));
    verb->add_option("--workers", options->workers, "Threads at the agent (default: its cores)")
        ->type_name("N")
        ->check(CLI::Range(1, 256));
    addPaceOptions(*verb, options->pace);
    addLatestOptions(*verb, options->latest);
    options->repository = addRepositoryOption(*verb);
    options->priority = addPriorityOption(*verb);
    verb->add_flag("--wait", options->wait, "Wait for the end and tell the result");
    verb->footer(
        "Of a single folder its content comes into the target, of a file the file. Nothing else\n"
        "there is removed. Any agent can be the target, whatever agent was backed up.\n\n"
        "Examples:\n"
        "  coffer restore latest /home/ann --to laptop-7:/tmp/ann --wait\n"
        "  coffer restore 1f3a9c02 --to new-laptop:/ --overwrite always --wait");
    verb->callback([&context, options] {
        context.job = [&context, options] { return restore(context, *options); };
    });
}

}  // namespace coffer::cli
