#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/json.h"
#include "core/console/table.h"
#include "core/pipeline/replica_folder.h"
#include "core/storage/read_only_store.h"
#include "management_server/solo/place.h"
#include "management_server/solo/shown_run.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

struct ReplicateOptions {
    std::string to;     // folder
    std::string limit;  // bandwidth; empty: none
    ReplicateSettings settings;
};

void printResult(const ReplicateResult& result, const std::string& folder,
                 const GlobalOptions& options, double seconds) {
    if (options.json) {
        Json object{{"storeId", result.store.hex()},     {"generation", result.generation},
                    {"objects", result.objects},         {"copied", result.copied},
                    {"copiedBytes", result.copiedBytes}, {"verified", result.verified},
                    {"healed", result.healed},           {"removed", result.removed},
                    {"missing", result.missing},         {"seconds", seconds}};
        putOctets(object, "replica", folder);
        printJson(std::cout, object);
        return;
    }
    if (options.quiet) return;
    FactTable facts;
    facts.add("replica", printable(folder));
    facts.add("copy", result.store.hex());
    facts.add("generation", countText(result.generation));
    facts.add("packs and snapshots", countText(result.objects));
    facts.add("copied", countText(result.copied) + ", " + sizeText(result.copiedBytes));
    if (result.verified > 0) facts.add("found sound", countText(result.verified));
    if (result.healed > 0) facts.add("healed", countText(result.healed));
    if (result.removed > 0) facts.add("removed", countText(result.removed));
    if (result.missing > 0) {
        facts.add("MISSING", countText(result.missing) + ": the repository itself is damaged");
    }
    facts.add("time", durationText(seconds) + " (" + rateText(result.copiedBytes, seconds) + ")");
    facts.print(std::cout);
}

// Needs neither keys nor a state folder, so it also works beside a server that has the repository.
int replicate(Context& context, const ReplicateOptions& wanted) {
    const GlobalOptions& options = context.options;
    const auto schedule =
        BandwidthSchedule::parseFlowing(wanted.limit.empty() ? "none" : wanted.limit);
    Reporter reporter(options);
    const auto disk = makeSystemDisk();
    const std::string folder = disk->canonical(options.repository);
    LocalStore repository(*disk, folder);
    readConfig(repository, folder);
    ReplicaFolder replica(*disk, wanted.to, {&folder, 1});

    const SystemClock clock;
    ReadOnlyStore from(repository);
    ShownRun run("replicate", reporter, options);
    const ReplicateResult result = replicateInto(replica, from, wanted.settings, schedule, clock,
                                                 run.progress, run.problems, context.cancel);
    printResult(result, replica.path(), options, run.end());
    return run.problems.count() > 0 ? exitWarnings : exitSuccess;
}

}  // namespace

void addReplicate(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("replicate", "Keep a copy of the repository in another folder");
    const auto wanted = std::make_shared<ReplicateOptions>();
    verb->add_option("--to", wanted->to, "The folder of the copy; made when it is missing")
        ->type_name("DIR")
        ->required();
    verb->add_flag("--verify", wanted->settings.verify,
                   "Read all of the copy too; what is damaged there is copied anew");
    verb->add_option("--limit", wanted->limit,
                     "Octets a second, with K, M or G: 2M; by local time of day:\n"
                     "08:00-18:00=500K,20M")
        ->type_name("RATE");
    verb->footer(
        "Copies what is not there yet and removes what the repository no longer has, in an order\n"
        "that leaves a whole, older repository at every moment; what was cut short is gone on\n"
        "with. Needs no keys, and may run beside backups and beside coffer-server. The copy is\n"
        "only read: 'adopt' makes it a repository of its own. Exit code 3: something was "
        "damaged.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo replicate --to /media/disk/copy --limit 20M");
    verb->callback([&context, wanted] {
        context.job = [&context, wanted] { return replicate(context, *wanted); };
    });
}

}  // namespace coffer::solo
