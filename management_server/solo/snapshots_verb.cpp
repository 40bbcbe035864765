#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/reporter.h"
#include "core/console/snapshot_path.h"
#include "core/console/table.h"
#include "core/snapshot/snapshot_catalog.h"
#include "management_server/solo/json_output.h"
#include "management_server/solo/place.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

std::string listText(const std::vector<std::string>& paths) {
    std::string text;
    for (const std::string& path : paths) text += (text.empty() ? "" : ", ") + printable(path);
    return text;
}

void printTable(const std::vector<Snapshot>& snapshots) {
    using Align = Table::Align;
    Table table({{"snapshot"},
                 {"time"},
                 {"host"},
                 {"files", Align::right},
                 {"size", Align::right},
                 {"new", Align::right},
                 {"paths"}});
    for (const Snapshot& snapshot : snapshots) {
        const BackupStatistics& numbers = snapshot.statistics;
        table.add({shortName(snapshot.id), timeText(snapshot.committed), printable(snapshot.host),
                   countText(numbers.files), sizeText(numbers.bytes), sizeText(numbers.newBytes),
                   listText(snapshot.paths)});
    }
    table.print(std::cout);
}

int snapshots(const GlobalOptions& options) {
    Reporter reporter(options);
    const auto place = Place::look(options);
    std::vector<std::string> unreadable;
    const std::vector<Snapshot> list = loadSnapshots(place->repository(), &unreadable);
    if (options.json) {
        JsonArray array(std::cout);
        for (const Snapshot& snapshot : list) array.add(jsonOf(snapshot));
        array.finish();
    } else if (list.empty()) {
        std::cout << "No snapshots yet.\n";
    } else {
        printTable(list);
    }
    for (const std::string& problem : unreadable) reporter.warn(problem);
    return unreadable.empty() ? exitSuccess : exitWarnings;
}

int forget(const GlobalOptions& options, const std::vector<std::string>& names) {
    const auto place = Place::change(options);
    // All names are looked up first: one that is wrong changes nothing.
    std::vector<SnapshotId> ids;
    for (const std::string& name : names) {
        const SnapshotId id = findSnapshot(place->repository(), name).id;
        if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
    }
    Json gone = Json::array();
    for (const SnapshotId& id : ids) {
        place->repository().forget(id);
        gone.push_back(id.hex());
        if (!options.json && !options.quiet) std::cout << "forgotten  " << shortName(id) << '\n';
    }
    if (options.json) {
        printJson(std::cout, {{"forgotten", gone}});
    } else if (!options.quiet) {
        std::cout << "Room is freed by a prune, which this version does not have yet.\n";
    }
    return exitSuccess;
}

}  // namespace

void addSnapshots(CLI::App& app, Context& context) {
    auto* list = app.add_subcommand("snapshots", "List the snapshots, oldest first");
    list->footer("Example:\n  coffer-solo --repo /backup/repo snapshots");
    list->callback([&] { context.job = [&] { return snapshots(context.options); }; });

    auto* forgetting = app.add_subcommand("forget", "Remove snapshots from the list, for good");
    const auto names = std::make_shared<std::vector<std::string>>();
    forgetting->add_option("SNAPSHOT", *names, "Ids, or the first digits of them (4 at least)")
        ->required();
    forgetting->footer(
        "A forgotten snapshot cannot be restored any more. The data it shares with no other one\n"
        "stays on the disk until a prune, which this version does not have yet.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo forget 1f3a9c02 77b0e1d4");
    forgetting->callback([&context, names] {
        context.job = [&context, names] { return forget(context.options, *names); };
    });
}

}  // namespace coffer::solo
