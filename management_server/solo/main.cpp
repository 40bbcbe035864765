// coffer-solo: backs up, restores and verifies on a single machine, without a server.

#include <CLI/CLI.hpp>
#include <iostream>
#include <utility>
#include <vector>

#include "core/console/command_line.h"
#include "core/console/exit_codes.h"
#include "core/console/process.h"
#include "core/service/log.h"
#include "management_server/solo/verbs.h"

using namespace coffer;
using namespace coffer::solo;

namespace {

constexpr const char* footer =
    "Begin with:\n"
    "  coffer-solo --repo /backup/repo init\n"
    "  coffer-solo --repo /backup/repo recovery-kit export /media/usb/kit.txt\n"
    "  coffer-solo --repo /backup/repo recovery-kit confirm\n"
    "  coffer-solo --repo /backup/repo backup /home\n"
    "  coffer-solo --repo /backup/repo snapshots\n"
    "  coffer-solo --repo /backup/repo restore latest:/home --to /tmp/home\n"
    "'coffer-solo VERB --help' tells more about each.\n\n"
    "Exit codes: 0 success, 1 failed, 2 wrong usage, 3 finished with warnings, 4 verify found\n"
    "damage, 5 another program works on the repository, 130 cancelled. With --json results are\n"
    "one document on standard output; warnings, progress and errors are JSON lines on standard\n"
    "error.";

bool takesValue(const CLI::App& app, const CLI::App* verb, const std::string& word) {
    const CLI::Option* option = app.get_option_no_throw(word);
    if (verb && !option) option = verb->get_option_no_throw(word);
    return word.starts_with('-') && option && option->get_items_expected_max() > 0;
}

// CLI11 takes the word "[a,b]" for a list where several words may stand; "./[a,b]" it does not.
void shieldBrackets(const CLI::App& app, std::vector<std::string>& words) {
    const CLI::App* verb = nullptr;
    bool isValue = false;
    for (std::string& word : words) {
        if (std::exchange(isValue, takesValue(app, verb, word))) {
            isValue = false;
        } else if (!verb) {
            const auto named = app.get_subcommands(
                [&](const CLI::App* candidate) { return candidate->get_name() == word; });
            if (!named.empty()) verb = named.front();
        } else if (verb->get_name() == "backup" && word.starts_with('[') && word.ends_with(']')) {
            word.insert(0, "./");
        }
    }
}

void describe(CLI::App& app, Context& context) {
    dressProgram(app, "coffer-solo", COFFER_VERSION);
    app.footer(footer);
    app.add_option("--repo", context.options.repository, "The repository folder")
        ->type_name("DIR")
        ->envname("COFFER_REPO");
    app.add_option("--state", context.options.state,
                   "Where this machine keeps the keys and databases of the\n"
                   "repository; by default a folder below ~/.local/state/coffer,\n"
                   "for root below /var/lib/coffer")
        ->type_name("DIR")
        ->envname("COFFER_STATE");
    app.add_flag("--json", context.options.json, "Results as JSON, for programs");
    app.add_flag("-q,--quiet", context.options.quiet,
                 "Only warnings, errors and what was asked for");
    addInit(app, context);
    addRecoveryKit(app, context);
    addBackup(app, context);
    addSnapshots(app, context);
    addLs(app, context);
    addFind(app, context);
    addDiff(app, context);
    addRestore(app, context);
    addGet(app, context);
    addVerify(app, context);
    addPrune(app, context);
    addReplicate(app, context);
    addRehearse(app, context);
    addDamage(app, context);
    addRepair(app, context);
    addInfo(app, context);
    groupVerbs(app);
}

}  // namespace

int main(int count, char** words) {
    prepareProcess();
    openLog({.level = LogLevel::error, .file = {}});  // of servants; verbs tell the rest
    CancelToken& cancel = stopOnSignals();
    Context context{{}, cancel, {}};
    CLI::App app("Backups of this machine: deduplicated, compressed, encrypted.");
    describe(app, context);
    std::vector<std::string> list(words + 1, words + count);
    shieldBrackets(app, list);
    if (const auto code = parseWords(app, std::move(list))) return *code;
    if (context.options.repository.empty()) {
        std::cerr << "coffer-solo: which repository? Name its folder with --repo DIR or in the "
                     "environment as COFFER_REPO\n";
        return exitUsage;
    }
    return runJob("coffer-solo", context.options.json, context.job);
}
