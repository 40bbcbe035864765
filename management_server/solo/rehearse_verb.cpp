#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/json.h"
#include "core/console/snapshot_path.h"
#include "core/console/table.h"
#include "core/pipeline/rehearsal_job.h"
#include "core/snapshot/snapshot_catalog.h"
#include "management_server/rehearsals/rehearsal_folder.h"
#include "management_server/solo/place.h"
#include "management_server/solo/shown_run.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

struct RehearseOptions {
    std::string what = "latest";
    std::string scratch;  // empty: in the state folder
    RehearsalSettings settings;
};

void print(const Snapshot& snapshot, const RehearseOptions& options, const RehearsalResult& result,
           std::uint64_t problems, double seconds, const GlobalOptions& global) {
    if (global.json) {
        Json object{{"snapshot", snapshot.id.hex()},
                    {"sound", problems == 0},
                    {"whole", options.settings.isWhole()},
                    {"percent", options.settings.percent}};
        putOctets(object, "paths", options.settings.paths);
        object["files"] = result.files;
        object["folders"] = result.folders;
        object["others"] = result.others;
        object["bytes"] = result.bytes;
        object["left"] = result.left;
        object["refused"] = result.refused;
        object["problems"] = problems;
        object["seconds"] = seconds;
        printJson(std::cout, object);
        return;
    }
    if (global.quiet) return;
    FactTable facts;
    facts.add("result", problems > 0 ? "DAMAGED" : "restored and found as the snapshot says");
    facts.add("snapshot", shortName(snapshot.id));
    facts.add("files", countText(result.files));
    facts.add("folders", countText(result.folders));
    if (result.others > 0) facts.add("other entries", countText(result.others));
    facts.add("read again", sizeText(result.bytes));
    if (result.left > 0) facts.add("not in the sample", countText(result.left));
    if (result.refused > 0) {
        facts.add("not restorable", countText(result.refused) + " owners, devices… by this user");
    }
    if (problems > 0) facts.add("problems", countText(problems));
    facts.add("time", durationText(seconds) + " (" + rateText(result.bytes, seconds) + ")");
    facts.print(std::cout);
}

int rehearse(Context& context, RehearseOptions options) {
    Reporter reporter(context.options);
    const auto place = Place::change(context.options);
    Repository& repository = place->repository();
    const SnapshotPath what = snapshotPath(options.what);
    const Snapshot snapshot = findSnapshot(repository, what.snapshot);
    if (what.path != "/") options.settings.paths = {what.path};
    if (!options.scratch.empty()) {
        place->requireOutsideState(place->disk().canonical(options.scratch));
    }
    const RehearsalFolder scratch(options.scratch.empty() ? place->state().path() + "/scratch"
                                                          : options.scratch);
    ShownRun run("rehearse", reporter, context.options);
    if (options.settings.isWhole()) run.progress.totalBytes = snapshot.statistics.bytes;
    const RehearsalResult result =
        runRehearsal(repository, snapshot, options.settings, scratch.path(), run.progress,
                     run.problems, context.cancel);
    const std::uint64_t problems = run.problems.count();
    print(snapshot, options, result, problems, run.end(), context.options);
    return problems == 0 ? exitSuccess : exitDamage;
}

}  // namespace

void addRehearse(CLI::App& app, Context& context) {
    auto* verb =
        app.add_subcommand("rehearse", "Restore into scratch space and compare with the snapshot");
    const auto options = std::make_shared<RehearseOptions>();
    verb->add_option("SNAPSHOT[:PATH]", options->what, "What to restore (default: latest)");
    verb->add_option("--sample", options->settings.percent,
                     "Only so many % of the files, chosen by their paths")
        ->type_name("PERCENT")
        ->check(CLI::Range(1, 100));
    verb->add_option("--scratch", options->scratch,
                     "Where there is room (default: in the state folder)")
        ->type_name("DIR");
    verb->add_option("--workers", options->settings.workers, "Threads (default: one for each core)")
        ->type_name("N")
        ->check(CLI::Range(1, 256));
    verb->footer(
        "Everything that comes back is read again: attributes are compared, and the content by "
        "the\n"
        "ids of its chunks. The scratch space is emptied afterwards, after a crash by the next\n"
        "rehearsal. A rehearsal of a whole snapshot proves it. Exit code 4: something is not as "
        "the\n"
        "snapshot says.\n\n"
        "Examples:\n  coffer-solo --repo /backup/repo rehearse\n"
        "  coffer-solo --repo /backup/repo rehearse latest:/home --sample 10");
    verb->callback([&context, options] {
        context.job = [&context, options] { return rehearse(context, *options); };
    });
}

}  // namespace coffer::solo
