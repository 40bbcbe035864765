#include "management_server/solo/collocated_snapshots.h"
#include "management_server/solo/place.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

int diff(Context& context, const std::string& before, const std::string& after) {
    const auto place = Place::look(context.options);
    return CollocatedSnapshots(place->repository()).browsing(context).compare(before, after);
}

}  // namespace

void addDiff(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("diff", "What changed from one snapshot to another");
    const auto names = std::make_shared<std::pair<std::string, std::string>>();
    verb->add_option("OLD[:PATH]", names->first, "The earlier snapshot")->required();
    verb->add_option("NEW[:PATH]", names->second, "The later one")->required();
    verb->footer(
        "A line for each entry: + added, - removed, M content changed, A only attributes changed,\n"
        "T became something of another type.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo diff 1f3a9c02:/home latest:/home");
    verb->callback([&context, names] {
        context.job = [&context, names] { return diff(context, names->first, names->second); };
    });
}

}  // namespace coffer::solo
