#include <iostream>

#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/json.h"
#include "core/console/table.h"
#include "core/pipeline/prune_job.h"
#include "management_server/solo/place.h"
#include "management_server/solo/shown_run.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

Json jsonOf(const PruneCount& count) {
    return {{"packs", count.packs}, {"bytes", count.bytes}};
}

void printJsonResult(const PruneResult& result, bool preview, double seconds) {
    printJson(std::cout, {{"preview", preview},
                          {"before", jsonOf(result.before)},
                          {"deadBytes", result.dead},
                          {"unneeded", jsonOf(result.unneeded)},
                          {"repacked", jsonOf(result.repacked)},
                          {"written", jsonOf(result.written)},
                          {"deleted", jsonOf(result.deleted)},
                          {"waiting", jsonOf(result.waiting)},
                          {"interrupted", jsonOf(result.interrupted)},
                          {"postponed", jsonOf(result.postponed)},
                          {"revived", result.revived},
                          {"checkpoints", result.checkpoints},
                          {"leftovers", result.leftovers},
                          {"leftoverBytes", result.leftoverBytes},
                          {"seconds", seconds}});
}

std::string textOf(const PruneCount& count) {
    return countText(count.packs) + " packs, " + sizeText(count.bytes);
}

void printTable(const PruneResult& result, bool preview, double seconds) {
    FactTable facts;
    const auto addIfAny = [&](const std::string& name, const PruneCount& count) {
        if (count.packs > 0) facts.add(name, textOf(count));
    };
    facts.add("repository", textOf(result.before));
    facts.add("not needed", sizeText(result.dead));
    addIfAny(preview ? "would go" : "given up", result.unneeded);
    addIfAny(preview ? "would be repacked" : "repacked", result.repacked);
    addIfAny("written for that", result.written);
    if (result.leftovers > 0) {
        facts.add("leftovers",
                  countText(result.leftovers) + " objects, " + sizeText(result.leftoverBytes));
    }
    if (!preview) facts.add("deleted", textOf(result.deleted));
    addIfAny("deleted next time", result.waiting);
    addIfAny("kept, backup was cut", result.interrupted);
    addIfAny("NO ROOM to repack", result.postponed);
    facts.add("time", durationText(seconds));
    facts.print(std::cout);
}

int prune(Context& context, const PruneSettings& settings) {
    const GlobalOptions& options = context.options;
    Reporter reporter(options);
    const auto place = settings.preview ? Place::look(options) : Place::change(options);
    ShownRun run("prune", reporter, options);
    const PruneResult result =
        runPrune(place->repository(), settings, run.progress, run.problems, context.cancel);
    const double seconds = run.end();
    if (options.json) {
        printJsonResult(result, settings.preview, seconds);
    } else if (!options.quiet) {
        printTable(result, settings.preview, seconds);
    }
    return result.complete(run.problems) ? exitSuccess : exitWarnings;
}

}  // namespace

void addPrune(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("prune", "Free what no snapshot needs any more");
    const auto settings = std::make_shared<PruneSettings>();
    verb->add_flag("--preview", settings->preview, "Show what it would do; change nothing");
    verb->add_option("--repack-at", settings->repackAt,
                     "Copy what is needed out of packs that are dead to so many percent "
                     "(default: 30)")
        ->type_name("PERCENT")
        ->check(CLI::Range(1U, 100U));
    verb->add_flag("--interrupted", settings->interrupted,
                   "Also delete what backups that were cut would go on with");
    verb->footer(
        "Deletes packs of which no snapshot needs anything, and copies what is needed out of "
        "those\n"
        "that are mostly dead. Cut at any moment, the next prune goes on. On a full disk what can\n"
        "be deleted at once goes first. Exit code 3: packs could not be copied.\n\n"
        "Examples:\n  coffer-solo --repo /backup/repo prune --preview\n"
        "  coffer-solo --repo /backup/repo prune --repack-at 10");
    verb->callback([&context, settings] {
        context.job = [&context, settings] { return prune(context, *settings); };
    });
}

}  // namespace coffer::solo
