#include <algorithm>
#include <array>
#include <iostream>
#include <string_view>

#include "core/console/exit_codes.h"
#include "core/console/json.h"
#include "core/console/table.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/run_watch.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

struct VerifyOptions {
    std::shared_ptr<std::string> repository;
    std::string depth;     // empty: as the server has it
    unsigned workers = 0;  // likewise 0
    std::shared_ptr<int> priority;
    bool wait = false;
    bool status = false;
};

/// What RepositoryInfo::facts tells of proof.
constexpr std::array<std::string_view, 7> proofNames = {
    "read-days",    "proven-percent",   "proven-bytes", "longest-unread",
    "unread-packs", "unverified-packs", "damaged-packs"};

int status(Context& context, const VerifyOptions& options) {
    const auto manager = context.connection().repositories();
    const Coffer::RepositoryInfo_var found = rpc::call("look at the repository", [&] {
        return Coffer::RepositoryInfo_var(manager->get(options.repository->c_str()));
    });
    rpc::SettingMap proof = rpc::toMap(found->facts);
    std::erase_if(proof, [](const auto& fact) {
        return std::ranges::find(proofNames, fact.first) == proofNames.end();
    });
    const Coffer::Settings facts = rpc::toSettings(proof);
    if (context.options.json) {
        printJson(std::cout, factsJson(facts));
        return exitSuccess;
    }
    FactTable table;
    for (CORBA::ULong i = 0; i < facts.length(); ++i) addFact(table, facts[i]);
    table.print(std::cout);
    return exitSuccess;
}

int verify(Context& context, const VerifyOptions& options) {
    if (options.status) return status(context, options);
    rpc::SettingMap settings;
    setPriority(settings, *options.priority);
    if (!options.depth.empty()) settings["depth"] = options.depth;
    if (options.workers > 0) settings["workers"] = std::to_string(options.workers);
    const auto runs = context.connection().runs();
    const long long run = rpc::call("start the verification", [&] {
        return runs->startVerify(options.repository->c_str(), rpc::toSettings(settings));
    });
    return afterStart(context, run, options.wait);
}

}  // namespace

void addVerify(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("verify", "Check a repository, by default every byte of it");
    const auto options = std::make_shared<VerifyOptions>();
    options->repository = addRepositoryOption(*verb);
    verb->add_option("--depth", options->depth, "structure, sample=PERCENT or full (default)")
        ->type_name("DEPTH");
    verb->add_option("--workers", options->workers, "Threads at the server (default: its cores)")
        ->type_name("N")
        ->check(CLI::Range(1, 256));
    options->priority = addPriorityOption(*verb);
    verb->add_flag("--wait", options->wait, "Wait for the end and tell the result");
    verb->add_flag("--status", options->status,
                   "Only tell how much has been read lately, and what has not");
    verb->footer(
        "The server checks the chain of the manifest, every signature, hash and seal, every chunk\n"
        "against its id, and that nothing a snapshot needs is missing. What is found damaged is "
        "named\n"
        "with the files and folders that it touches ('coffer run show N'), and stored again by "
        "the\n"
        "next backup that still has it. Exit code 4: damage.\n\n"
        "With --depth structure only lengths and directories of packs, references and snapshots "
        "are\n"
        "looked at; with --depth sample=10 also 10 % of the blocks, others each time.\n\n"
        "Examples:\n  coffer verify --wait\n  coffer verify --depth sample=10 --wait");
    verb->callback([&context, options] {
        context.job = [&context, options] { return verify(context, *options); };
    });
}

}  // namespace coffer::cli
