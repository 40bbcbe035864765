#include "management_panel/cli/program.h"

#include <CLI/CLI.hpp>

#include "core/console/command_line.h"
#include "core/console/reporter.h"
#include "management_panel/cli/verbs.h"

namespace coffer::cli {

namespace {

constexpr const char* footer =
    "Begin with:\n"
    "  coffer login --server backup.example:2424 --user ann --fingerprint 3f9a…\n"
    "  coffer agents\n"
    "  coffer ls laptop-7:/home\n"
    "  coffer backup laptop-7:/home --wait\n"
    "  coffer snapshots\n"
    "  coffer restore latest /home/ann --to laptop-7:/tmp/back --wait\n"
    "'coffer VERB --help' tells more about each.\n\n"
    "Exit codes: 0 success, 1 failed, 2 wrong usage, 3 finished with warnings, 4 damage was\n"
    "found, 5 busy, 130 cancelled. With --json results are one document on standard output;\n"
    "warnings, progress and errors are JSON lines on standard error.";

Error withHint(const Error& error) {
    if (error.code() != ErrorCode::loginAgain) return error;
    return Error(error.code(), std::string(error.what()) + " (coffer login)");
}

int doJob(const Context& context) {
    try {
        return context.job();
    } catch (const Error& error) {
        throw withHint(error);
    }
}

}  // namespace

std::shared_ptr<std::string> addRepositoryOption(CLI::App& verb,
                                                 std::shared_ptr<std::string> repository) {
    if (!repository) repository = std::make_shared<std::string>("main");
    verb.add_option("--repo", *repository, "The repository (default: main)")->type_name("NAME");
    return repository;
}

void describeCoffer(CLI::App& app, Context& context) {
    dressProgram(app, "coffer", COFFER_VERSION);
    app.footer(footer);
    app.add_flag("--json", context.options.json, "Results as JSON, for programs");
    app.add_flag("-q,--quiet", context.options.quiet,
                 "Only warnings, errors and what was asked for");
    addLogin(app, context);
    addAgents(app, context);
    addLs(app, context);
    addGet(app, context);
    addCopy(app, context);
    addChange(app, context);
    addBackup(app, context);
    addRuns(app, context);
    addSnapshots(app, context);
    addFind(app, context);
    addCatalog(app, context);
    addDiff(app, context);
    addRestore(app, context);
    addVerify(app, context);
    addRehearse(app, context);
    addPrune(app, context);
    addRepair(app, context);
    addCopySnapshots(app, context);
    addReplicate(app, context);
    addSynchronise(app, context);
    addRepository(app, context);
    addTasks(app, context);
    addEvents(app, context);
    addUsers(app, context);
    addGrants(app, context);
    addTokens(app, context);
    addSecondFactor(app, context);
    addAudit(app, context);
    addRequests(app, context);
    addAgentKeeping(app, context);
    addUpdates(app, context);
    addStatus(app, context);
    addSettings(app, context);
    addCompletion(app, context);
    addManual(app, context);
    groupVerbs(app);
}

int runCoffer(std::vector<std::string> words, std::function<client::Connection&()> connect,
              CancelToken& cancel) {
    Context context{{}, cancel, std::move(connect), {}};
    CLI::App app("The command line of a Coffer network: agents, backups, restores.");
    describeCoffer(app, context);
    if (const auto code = parseWords(app, std::move(words))) return *code;
    return runJob("coffer", context.options.json, [&] { return doJob(context); });
}

}  // namespace coffer::cli
