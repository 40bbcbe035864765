#include <algorithm>
#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/snapshot_path.h"
#include "core/console/table.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/entry_view.h"
#include "management_panel/cli/listing.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"
#include "management_panel/client/agent_tree.h"
#include "management_panel/client/pages.h"

namespace coffer::cli {

namespace {

struct ListOptions {
    std::string what;
    bool details = false;
    std::shared_ptr<std::string> repository;
};

struct ForgetOptions {
    std::vector<std::string> names;
    std::shared_ptr<std::string> repository;
};

std::string shortName(const char* id) {
    return shown(std::string_view(id).substr(0, 8));
}

Json jsonOf(const Coffer::SnapshotInfo& snapshot) {
    Json object = Json::object();
    putOctets(object, "id", snapshot.id.in());
    putOctets(object, "repository", snapshot.repository.in());
    putOctets(object, "agent", snapshot.agent.in());
    putOctets(object, "host", snapshot.host.in());
    object["started"] = momentJson(snapshot.started);
    object["committed"] = momentJson(snapshot.committed);
    putOctets(object, "paths", pathsOf(snapshot.what));
    object["statistics"] = countsJson(snapshot.counts);
    return object;
}

void printTable(const Coffer::SnapshotInfos& snapshots) {
    using Align = Table::Align;
    Table table({{"snapshot"},
                 {"time"},
                 {"agent"},
                 {"files", Align::right},
                 {"size", Align::right},
                 {"new", Align::right},
                 {"paths"}});
    const auto size = [](const Coffer::SnapshotInfo& snapshot, const char* name) {
        const auto value = numberOf(snapshot.counts, name);
        return value ? sizeText(*value) : std::string();
    };
    for (CORBA::ULong i = 0; i < snapshots.length(); ++i) {
        const Coffer::SnapshotInfo& snapshot = snapshots[i];
        const auto files = numberOf(snapshot.counts, "files");
        table.add({shortName(snapshot.id), momentText(snapshot.committed),
                   shown(snapshot.agent.in()), files ? countText(*files) : "",
                   size(snapshot, "bytes"), size(snapshot, "new-bytes"),
                   listText(pathsOf(snapshot.what))});
    }
    table.print(std::cout);
}

int snapshots(Context& context, const std::string& repository) {
    const auto manager = context.connection().snapshots();
    Coffer::SnapshotInfos_var list = rpc::call("list the snapshots", [&] {
        return Coffer::SnapshotInfos_var(manager->list(repository.c_str()));
    });
    if (context.options.json) {
        JsonArray array(std::cout);
        for (CORBA::ULong i = 0; i < list->length(); ++i) array.add(jsonOf(list[i]));
        array.finish();
    } else if (list->length() == 0) {
        std::cout << "No snapshots yet.\n";
    } else {
        printTable(list);
    }
    return exitSuccess;
}

int listSnapshot(Context& context, const ListOptions& options) {
    const SnapshotPath what = snapshotPath(options.what);
    const auto manager = context.connection().snapshots();
    const Coffer::PathOctets path = rpc::toPath(what.path);
    const char* repository = options.repository->c_str();
    const Coffer::Entry_var entry = rpc::call("look at the snapshot", [&] {
        return Coffer::Entry_var(manager->stat(repository, what.snapshot.c_str(), path));
    });
    const bool folder = isFolder(entry);
    Listing listing(std::cout, {context.options.json, options.details},
                    folder ? what.path : client::parentOf(what.path), context.cancel);
    if (folder) {
        Coffer::EntryIterator_var rest;
        const Coffer::Entries_var first = rpc::call("list the snapshot", [&] {
            return Coffer::Entries_var(manager->content(repository, what.snapshot.c_str(), path,
                                                        client::pageLength, rest.out()));
        });
        client::forEachEntry(first, rest, [&](const Coffer::Entry& found) { listing.add(found); });
    } else {
        listing.add(entry);
    }
    listing.finish();
    return exitSuccess;
}

int forget(Context& context, const ForgetOptions& options) {
    const auto manager = context.connection().snapshots();
    const char* repository = options.repository->c_str();
    // All names are looked up first: one that is wrong changes nothing.
    std::vector<std::string> ids;
    for (const std::string& name : options.names) {
        const Coffer::SnapshotInfo_var info = rpc::call("look up the snapshot", [&] {
            return Coffer::SnapshotInfo_var(manager->get(repository, name.c_str()));
        });
        if (std::ranges::find(ids, info->id.in()) == ids.end()) ids.emplace_back(info->id.in());
    }
    Json gone = Json::array();
    for (const std::string& id : ids) {
        rpc::call("forget", [&] { manager->forget(repository, id.c_str()); });
        gone.push_back(shown(id));
        if (!context.options.json && !context.options.quiet) {
            std::cout << "forgotten  " << shortName(id.c_str()) << '\n';
        }
    }
    if (context.options.json) {
        printJson(std::cout, {{"forgotten", gone}});
    } else if (!context.options.quiet) {
        std::cout << "Room is freed by a prune, which this version does not have yet.\n";
    }
    return exitSuccess;
}

void addListing(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("ls-snapshot", "List a folder of a snapshot");
    const auto options = std::make_shared<ListOptions>();
    verb->add_option("SNAPSHOT[:/path]", options->what,
                     "'latest', an id or its first digits; the path as it was\nbacked up")
        ->required();
    verb->add_flag("-l,--long", options->details, "With mode, owner, group, size and time");
    options->repository = addRepositoryOption(*verb);
    verb->footer(
        "Examples:\n"
        "  coffer ls-snapshot latest\n"
        "  coffer ls-snapshot -l 1f3a9c02:/home/ann");
    verb->callback([&context, options] {
        context.job = [&context, options] { return listSnapshot(context, *options); };
    });
}

void addForget(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("forget", "Remove snapshots from the list, for good");
    const auto options = std::make_shared<ForgetOptions>();
    verb->add_option("SNAPSHOT", options->names, "Ids, or the first digits of them (4 at least)")
        ->required();
    options->repository = addRepositoryOption(*verb);
    verb->footer(
        "A forgotten snapshot cannot be restored any more. The data it shares with no other one\n"
        "stays on the disk until a prune, which this version does not have yet.\n\n"
        "Example:\n  coffer forget 1f3a9c02 77b0e1d4");
    verb->callback([&context, options] {
        context.job = [&context, options] { return forget(context, *options); };
    });
}

}  // namespace

void addSnapshots(CLI::App& app, Context& context) {
    auto* list = app.add_subcommand("snapshots", "List the snapshots, oldest first");
    const auto repository = addRepositoryOption(*list);
    list->footer("Example:\n  coffer snapshots");
    list->callback([&context, repository] {
        context.job = [&context, repository] { return snapshots(context, *repository); };
    });
    addListing(app, context);
    addForget(app, context);
}

}  // namespace coffer::cli
