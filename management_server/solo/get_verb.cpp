#include "management_server/solo/collocated_snapshots.h"
#include "management_server/solo/place.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

int get(Context& context, const std::string& what) {
    const auto place = Place::look(context.options);
    return CollocatedSnapshots(place->repository()).browsing(context).writeOut(what);
}

}  // namespace

void addGet(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("get", "Write a file of a snapshot to standard output");
    const auto name = std::make_shared<std::string>();
    verb->add_option("SNAPSHOT:PATH", *name, "The file, as it was backed up")->required();
    verb->footer(
        "Only the content is written; 'restore' brings attributes back too. Unless the exit code\n"
        "is 0, what was written is not the whole file.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo get latest:/etc/fstab | less");
    verb->callback(
        [&context, name] { context.job = [&context, name] { return get(context, *name); }; });
}

}  // namespace coffer::solo
