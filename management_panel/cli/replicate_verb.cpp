#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/run_watch.h"
#include "management_panel/cli/verbs.h"

namespace coffer::cli {

namespace {

struct ReplicateOptions {
    std::string repository = "main";
    std::string to;
    std::string limit;  // empty: none
    bool verify = false;
    std::shared_ptr<int> priority;
    bool wait = false;
};

int replicate(Context& context, const ReplicateOptions& options) {
    rpc::SettingMap settings;
    setPriority(settings, *options.priority);
    if (options.verify) settings["verify"] = "yes";
    if (!options.limit.empty()) settings["limit"] = options.limit;
    const auto runs = context.connection().runs();
    const long long run = rpc::call("start the replication", [&] {
        return runs->startReplica(options.repository.c_str(), rpc::toPath(options.to),
                                  rpc::toSettings(settings));
    });
    return afterStart(context, run, options.wait);
}

}  // namespace

void addLimitOption(CLI::App& verb, std::string& limit) {
    verb.add_option("--limit", limit,
                    "Octets a second, with K, M or G: 2M; by local time of day:\n"
                    "08:00-18:00=500K,20M")
        ->type_name("RATE");
}

void addReplicate(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("replicate", "Keep a copy of a repository in another folder");
    const auto options = std::make_shared<ReplicateOptions>();
    verb->add_option("REPO", options->repository, "The repository (default: main)");
    verb->add_option("--to", options->to,
                     "The folder of the copy, at the server; made when it is missing")
        ->type_name("FOLDER")
        ->required();
    verb->add_flag("--verify", options->verify,
                   "Read all of the copy too; what is damaged there is copied anew");
    addLimitOption(*verb, options->limit);
    options->priority = addPriorityOption(*verb);
    verb->add_flag("--wait", options->wait, "Wait for the end and tell the result");
    verb->footer(
        "Copies what is not there yet and removes what the repository no longer has, in an order\n"
        "that leaves a whole, older repository at every moment; what was cut short is gone on\n"
        "with. Runs beside backups. Exit code 3: something was damaged.\n\n"
        "Example:\n  coffer replicate main --to /media/disk/copy --limit 20M --wait");
    verb->callback([&context, options] {
        context.job = [&context, options] { return replicate(context, *options); };
    });
}

}  // namespace coffer::cli
