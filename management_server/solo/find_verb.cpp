#include "management_server/solo/collocated_snapshots.h"
#include "management_server/solo/place.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

struct FindOptions {
    std::string pattern;
    std::vector<std::string> snapshots;  // none: all
};

int find(Context& context, const FindOptions& options) {
    const auto place = Place::look(context.options);
    return CollocatedSnapshots(place->repository())
        .browsing(context)
        .find(options.pattern, options.snapshots);
}

}  // namespace

void addFind(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("find", "Find files by name in all snapshots");
    const auto options = std::make_shared<FindOptions>();
    verb->add_option("PATTERN", options->pattern, "As for --exclude: '*.odt', '/home/*/notes.txt'")
        ->required();
    verb->add_option("--snapshot", options->snapshots, "Only in this snapshot; may be repeated")
        ->type_name("SNAPSHOT")
        ->allow_extra_args(false);
    verb->footer(
        "Shows each state a file was in, and the snapshots that hold it.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo find '*.odt'");
    verb->callback([&context, options] {
        context.job = [&context, options] { return find(context, *options); };
    });
}

}  // namespace coffer::solo
