#include <iostream>

#include "core/console/exit_codes.h"
#include "management_server/solo/damage_view.h"
#include "management_server/solo/place.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

void printReport(const DamageReport& report, std::size_t packs) {
    if (report.empty()) {
        std::cout << (packs == 0 ? "No pack is known to be damaged.\n"
                                 : "Packs are damaged, but no snapshot lost anything by it.\n");
        return;
    }
    printLost(std::cout, report);
}

int damage(Context& context) {
    const auto place = Place::look(context.options);
    Repository& repository = place->repository();
    const std::vector<PackId> packs = repository.ledger().packsIn(PackState::suspect);
    const DamageReport report = searchKnownDamage(repository, context.cancel);
    if (context.options.json) {
        Json document = jsonOf(report);
        document["damagedPacks"] = idsJson(packs);
        printJson(std::cout, document);
    } else {
        printReport(report, packs.size());
    }
    return report.empty() ? exitSuccess : exitDamage;
}

}  // namespace

void addDamage(CLI::App& app, Context& context) {
    auto* verb =
        app.add_subcommand("damage", "What known damage touches: files, folders, snapshots");
    verb->footer(
        "Looks at the packs that were found damaged by 'verify' and reads what is left of them:\n"
        "blocks that are still sound are not lost. Exit code 4: something is lost.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo damage");
    verb->callback([&context] { context.job = [&context] { return damage(context); }; });
}

}  // namespace coffer::solo
