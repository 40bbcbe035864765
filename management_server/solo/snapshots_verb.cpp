#include "management_panel/cli/retention_verbs.h"
#include "management_server/solo/collocated_snapshots.h"
#include "management_server/solo/place.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

int snapshots(Context& context) {
    const auto place = Place::look(context.options);
    return CollocatedSnapshots(place->repository()).browsing(context).list(cli::Origin::host);
}

int retain(Context& context, bool changes, const cli::RetentionVerbs::Work& work) {
    const auto place = changes ? Place::change(context.options) : Place::look(context.options);
    return work(CollocatedSnapshots(place->repository()).forgetting(context));
}

}  // namespace

void addSnapshots(CLI::App& app, Context& context) {
    auto* list = app.add_subcommand("snapshots", "List the snapshots, oldest first");
    list->footer("Example:\n  coffer-solo --repo /backup/repo snapshots");
    list->callback([&] { context.job = [&] { return snapshots(context); }; });

    cli::addRetention(
        app,
        {.start = "coffer-solo --repo /backup/repo",
         .addRepository = [](CLI::App&) { return std::make_shared<std::string>(); },
         .run =
             [&context](const std::string&, bool changes, const cli::RetentionVerbs::Work& work) {
                 context.job = [&context, changes, work] { return retain(context, changes, work); };
             }});
}

}  // namespace coffer::solo
