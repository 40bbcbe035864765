#include "core/base/printable.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/agent_path.h"
#include "management_panel/cli/run_pace.h"
#include "management_panel/cli/run_watch.h"
#include "management_panel/cli/verbs.h"

namespace coffer::cli {

namespace {

struct BackupOptions {
    std::vector<std::string> paths;
    std::vector<std::string> excludes;
    std::vector<std::string> includes;
    std::string excludeLargerThan;
    std::string excludeOlderThan;
    std::vector<std::string> tags;
    std::shared_ptr<std::string> repository;
    bool oneFileSystem = false;
    bool excludeCaches = false;
    bool excludeNoDump = false;
    int compression = 0;   // 0: as the agent has it
    unsigned workers = 0;  // 0: likewise
    std::shared_ptr<int> priority;
    RunPace pace;
    std::string readRate;
    WaitOptions wait;
};

std::string joined(const std::vector<std::string>& texts, const char* separator) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : separator) + text;
    return all;
}

rpc::SettingMap settingsOf(const BackupOptions& options) {
    rpc::SettingMap settings;
    if (options.oneFileSystem) settings["one-file-system"] = "yes";
    if (options.excludeCaches) settings["exclude-caches"] = "yes";
    if (options.excludeNoDump) settings["exclude-nodump"] = "yes";
    if (options.compression > 0) settings["compression"] = std::to_string(options.compression);
    if (options.workers > 0) settings["workers"] = std::to_string(options.workers);
    addPace(settings, options.pace);
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) settings[name] = value;
    };
    add("include", joined(options.includes, "\n"));
    add("exclude-larger-than", options.excludeLargerThan);
    add("exclude-older-than", options.excludeOlderThan);
    add("read-rate", options.readRate);
    add("tags", joined(options.tags, ","));
    setPriority(settings, *options.priority);
    return settings;
}

int backup(Context& context, const BackupOptions& options) {
    const std::string agent = agentPath(options.paths.front()).agent;
    std::vector<std::string> paths;
    for (const std::string& word : options.paths) {
        AgentPath place = agentPath(word);
        if (place.agent != agent) {
            throw Error(ErrorCode::invalidArgument,
                        "a backup is of one agent: " + printable(agent) + " and " +
                            printable(place.agent) + " are backed up one by one");
        }
        paths.push_back(std::move(place.path));
    }
    const auto runs = context.connection().runs();
    const long long run = rpc::call("start the backup", [&] {
        return runs->startBackup(agent.c_str(), rpc::toPaths(paths),
                                 rpc::toStrings(options.excludes), options.repository->c_str(),
                                 rpc::toSettings(settingsOf(options)));
    });
    return afterStart(context, run, options.wait);
}

void addFilters(CLI::App& verb, BackupOptions& options) {
    verb.add_option("--exclude", options.excludes,
                    "Leave out what matches (as in .gitignore); may be repeated")
        ->type_name("PATTERN")
        ->allow_extra_args(false);
    verb.add_option("--include", options.includes,
                    "Back up only what matches, and what lies in folders that do; may be repeated")
        ->type_name("PATTERN")
        ->allow_extra_args(false);
    verb.add_option("--exclude-larger-than", options.excludeLargerThan,
                    "Leave out files over this size: 500K, 20M, 4G")
        ->type_name("SIZE");
    verb.add_option("--exclude-older-than", options.excludeOlderThan,
                    "Leave out files that did not change for so long: 12h, 365d")
        ->type_name("TIME");
    verb.add_flag("--one-file-system", options.oneFileSystem,
                  "Do not enter other file systems mounted below a path");
    verb.add_flag("--exclude-caches", options.excludeCaches,
                  "Leave out folders marked with a CACHEDIR.TAG");
    verb.add_flag("--exclude-nodump", options.excludeNoDump,
                  "Leave out what is marked 'no dump' (chattr +d)");
}

}  // namespace

void addBackup(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("backup", "Back up files and folders of an agent");
    const auto options = std::make_shared<BackupOptions>();
    verb->add_option("AGENT:/path", options->paths, "What to back up, all of one agent")
        ->required()
        ->check(CLI::Validator(checkAgentPath, "", ""));
    options->repository = addRepositoryOption(*verb);
    addFilters(*verb, *options);
    verb->add_option("--compression", options->compression,
                     "zstd level: 1 fast to 19 small (default: 2)")
        ->type_name("LEVEL")
        ->check(CLI::Range(1, 19));
    verb->add_option("--workers", options->workers,
                     "Threads at the agent (default: one more than its cores)")
        ->type_name("N")
        ->check(CLI::Range(1, 256));
    addPaceOptions(*verb, options->pace);
    verb->add_option("--read-rate", options->readRate,
                     "Octets a second that are read of files, in the form of --bandwidth")
        ->type_name("RATE");
    verb->add_option("--tag", options->tags, "A tag of the snapshot; may be repeated")
        ->type_name("TAG")
        ->allow_extra_args(false);
    options->priority = addPriorityOption(*verb);
    addWaitOptions(*verb, options->wait);
    verb->footer(
        "The run goes on whether or not anybody waits for it; Ctrl-C ends the waiting alone. What\n"
        "cannot be read is reported, and the exit code is 3. A backup that was cut short goes on\n"
        "where it was.\n\n"
        "Patterns: '*.o' anywhere, '/srv/tmp' that one, 'cache/' folders only, '!keep.o' not after "
        "all.\n\n"
        "Examples:\n"
        "  coffer backup laptop-7:/home laptop-7:/etc --exclude '*.tmp' --wait\n"
        "  coffer backup nas-1:/srv --repo archive --tag before-upgrade");
    verb->callback([&context, options] {
        context.job = [&context, options] { return backup(context, *options); };
    });
}

}  // namespace coffer::cli
