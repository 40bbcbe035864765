#include <iostream>

#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/table.h"
#include "core/pipeline/repair_job.h"
#include "management_server/solo/damage_view.h"
#include "management_server/solo/place.h"
#include "management_server/solo/shown_run.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

std::string fateOf(const PackRepair& pack) {
    if (pack.condemn) return "is condemned";
    return pack.readable ? "stays suspect until a backup brings what it lost"
                         : "stays suspect: nothing tells what it held";
}

Json documentOf(const RepairPlan& plan, const RepairResult* result) {
    Json packs = Json::array();
    for (const PackRepair& pack : plan.packs) {
        packs.push_back({{"pack", pack.pack.hex()},
                         {"readable", pack.readable},
                         {"savedChunks", pack.savedChunks},
                         {"salvageChunks", pack.salvageChunks},
                         {"salvageBytes", pack.salvageBytes},
                         {"lostChunks", pack.lostChunks},
                         {"condemn", pack.condemn}});
    }
    Json document{{"packs", packs}, {"lost", jsonOf(plan.damage)}, {"done", result != nullptr}};
    if (!result) return document;
    document["written"] = idsJson(result->written);
    document["condemned"] = idsJson(result->condemned);
    return document;
}

void printPlan(const RepairPlan& plan) {
    if (plan.packs.empty()) {
        std::cout << "No pack is known to be damaged.\n";
        return;
    }
    Table table({{"damaged pack"},
                 {"elsewhere", Table::Align::right},
                 {"salvaged", Table::Align::right},
                 {"lost", Table::Align::right},
                 {"then it"}});
    for (const PackRepair& pack : plan.packs) {
        table.add({pack.pack.hex(), countText(pack.savedChunks), countText(pack.salvageChunks),
                   pack.readable ? countText(pack.lostChunks) : "unknown", fateOf(pack)});
    }
    table.print(std::cout);
    if (plan.damage.empty()) {
        std::cout << "\nNo snapshot loses anything.\n";
        return;
    }
    std::cout << "\nLost, while the rest of these snapshots restores:\n";
    printLost(std::cout, plan.damage);
}

RepairResult carryOut(Context& context, Place& place, const RepairPlan& plan) {
    Reporter reporter(context.options);
    ShownRun run("repair", reporter, context.options);
    return runRepair(place.repository(), plan, run.progress, context.cancel);
}

int repair(Context& context, bool yes) {
    const GlobalOptions& options = context.options;
    const auto place = yes ? Place::change(options) : Place::look(options);
    const RepairPlan plan = planRepair(place->repository(), context.cancel);
    std::optional<RepairResult> result;
    if (!options.json) printPlan(plan);
    if (yes && !plan.packs.empty()) result = carryOut(context, *place, plan);
    if (options.json) {
        printJson(std::cout, documentOf(plan, result ? &*result : nullptr));
    } else if (result) {
        std::cout << "\nDone: " << countText(result->chunks, "chunk") << " salvaged into "
                  << countText(result->written.size(), "new pack") << ", "
                  << countText(result->condemned.size(), "pack") << " condemned.\n";
    } else if (!plan.packs.empty()) {
        std::cout << "\nNothing has been changed; --yes carries it out.\n";
    }
    return plan.damage.empty() ? exitSuccess : exitDamage;
}

}  // namespace

void addRepair(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("repair", "Save what is left of damaged packs; shows its plan");
    const auto yes = std::make_shared<bool>(false);
    verb->add_flag("--yes", *yes, "Carry the plan out");
    const auto preview = std::make_shared<bool>(false);
    verb->add_flag("--preview", *preview, "Only show the plan, which is what happens without --yes")
        ->excludes("--yes");
    verb->footer(
        "For packs that 'verify' found damaged. Chunks that are still sound and lie nowhere else "
        "are\n"
        "copied into new packs, which are read again; then packs that nobody needs any more are\n"
        "condemned. Back up first: what the source still has comes back by that. Snapshots stay, "
        "also\n"
        "those that lost something. The manifest is never touched. Exit code 4: something is "
        "lost.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo repair");
    verb->callback([&context, yes, preview] {
        context.job = [&context, yes] { return repair(context, *yes); };
    });
}

}  // namespace coffer::solo
