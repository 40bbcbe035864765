#include <iostream>

#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/json.h"
#include "core/console/table.h"
#include "core/pipeline/verify_job.h"
#include "management_server/solo/damage_view.h"
#include "management_server/solo/place.h"
#include "management_server/solo/shown_run.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

void printJsonResult(const VerifyResult& result, const VerifyDepth& depth, std::uint64_t problems,
                     bool sound, double seconds) {
    printJson(std::cout, {{"sound", sound},
                          {"depth", depth.text()},
                          {"snapshots", result.snapshots},
                          {"packs", result.packs},
                          {"chunks", result.chunks},
                          {"storedBytes", result.storedBytes},
                          {"rawBytes", result.rawBytes},
                          {"problems", problems},
                          {"damagedPacks", idsJson(result.damaged)},
                          {"replacedPacks", idsJson(result.replaced)},
                          {"unregistered", result.unregistered},
                          {"touched", jsonOf(result.touched)},
                          {"seconds", seconds}});
}

std::string soundText(const VerifyDepth& depth) {
    switch (depth.kind) {
        case VerifyDepth::Kind::structure:
            return "nothing is missing; no content was read";
        case VerifyDepth::Kind::sample:
            return "nothing is missing; of the content about " + std::to_string(depth.percent) +
                   " % was read and is sound";
        case VerifyDepth::Kind::full:
            break;
    }
    return "sound: every byte was read and checked";
}

void printTable(const VerifyResult& result, const VerifyDepth& depth, std::uint64_t problems,
                bool sound, double seconds) {
    FactTable facts;
    facts.add("result", sound ? soundText(depth) : "DAMAGED");
    facts.add("snapshots", countText(result.snapshots));
    facts.add("packs", countText(result.packs));
    if (!result.damaged.empty()) facts.add("damaged packs", countText(result.damaged.size()));
    if (!result.touched.empty()) {
        facts.add("lost", lostText(result.touched));
        facts.add("of snapshots", countText(result.touched.snapshots.size()));
    }
    if (problems > 0) facts.add("problems", countText(problems));
    facts.add("chunks read", countText(result.chunks));
    facts.add("stored", sizeText(result.storedBytes));
    facts.add("content", sizeText(result.rawBytes));
    if (!result.replaced.empty()) {
        facts.add("replaced packs", countText(result.replaced.size()) +
                                        " damaged, but all they held was stored again");
    }
    if (!result.unregistered.empty()) {
        facts.add("leftovers",
                  countText(result.unregistered.size()) + " of interrupted backups, harmless");
    }
    facts.add("time", durationText(seconds) + " (" + rateText(result.storedBytes, seconds) + ")");
    facts.print(std::cout);
}

VerifyDepth parseDepth(const std::string& text) {
    try {
        return VerifyDepth::parse(text);
    } catch (const Error& error) {
        throw CLI::ValidationError("--depth", error.what());
    }
}

int verify(Context& context, const VerifySettings& settings) {
    const GlobalOptions& options = context.options;
    Reporter reporter(options);
    const auto place = settings.record ? Place::change(options) : Place::look(options);
    ShownRun run("verify", reporter, options);
    const VerifyResult result =
        runVerify(place->repository(), settings, run.progress, run.problems, context.cancel);
    const double seconds = run.end();
    const bool sound = result.sound(run.problems);
    if (options.json) {
        printJsonResult(result, settings.depth, run.problems.count(), sound, seconds);
    } else if (!options.quiet) {
        printTable(result, settings.depth, run.problems.count(), sound, seconds);
    }
    return sound ? exitSuccess : exitDamage;
}

}  // namespace

void addVerify(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("verify", "Check the repository, by default every byte of it");
    const auto settings = std::make_shared<VerifySettings>();
    verb->add_flag("!--no-record", settings->record,
                   "Do not note in the repository what was found");
    verb->add_option_function<std::string>(
            "--depth", [settings](const std::string& text) { settings->depth = parseDepth(text); },
            "structure, sample=PERCENT or full (default)")
        ->type_name("DEPTH");
    verb->add_option("--workers", settings->workers, "Threads (default: one for each core)")
        ->type_name("N")
        ->check(CLI::Range(1, 256));
    verb->footer(
        "Checks the chain of the manifest, every signature, the hash and the seal of every pack,\n"
        "every chunk against its id, and that nothing a snapshot needs is missing. What is found\n"
        "damaged is named with the files and folders that it touches, and stored again by the "
        "next\n"
        "backup that still has it. Exit code 4: damage.\n\n"
        "With --depth structure only lengths and directories of packs, references and snapshots "
        "are\n"
        "looked at; with --depth sample=10 also 10 % of the blocks, others each time. Neither "
        "makes a\n"
        "pack count as verified.\n\n"
        "Examples:\n  coffer-solo --repo /backup/repo verify\n"
        "  coffer-solo --repo /backup/repo verify --depth sample=10");
    verb->callback([&context, settings] {
        context.job = [&context, settings] { return verify(context, *settings); };
    });
}

}  // namespace coffer::solo
