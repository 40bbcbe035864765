#include "management_server/solo/collocated_snapshots.h"
#include "management_server/solo/place.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

int snapshots(Context& context) {
    const auto place = Place::look(context.options);
    return CollocatedSnapshots(place->repository()).browsing(context).list(cli::Origin::host);
}

int forget(Context& context, const std::vector<std::string>& names) {
    const auto place = Place::change(context.options);
    return CollocatedSnapshots(place->repository()).browsing(context).forget(names);
}

}  // namespace

void addSnapshots(CLI::App& app, Context& context) {
    auto* list = app.add_subcommand("snapshots", "List the snapshots, oldest first");
    list->footer("Example:\n  coffer-solo --repo /backup/repo snapshots");
    list->callback([&] { context.job = [&] { return snapshots(context); }; });

    auto* forgetting = app.add_subcommand("forget", "Remove snapshots from the list, for good");
    const auto names = std::make_shared<std::vector<std::string>>();
    forgetting->add_option("SNAPSHOT", *names, "Ids, or the first digits of them (4 at least)")
        ->required();
    forgetting->footer(
        "A forgotten snapshot cannot be restored any more. The data it shares with no other one\n"
        "stays on the disk until a prune, which this version does not have yet.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo forget 1f3a9c02 77b0e1d4");
    forgetting->callback(
        [&context, names] { context.job = [&context, names] { return forget(context, *names); }; });
}

}  // namespace coffer::solo
