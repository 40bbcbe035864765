#include "management_panel/cli/browsing.h"
#include "management_panel/cli/verbs.h"

namespace coffer::cli {

namespace {

struct DiffOptions {
    std::string before;
    std::string after;
    std::shared_ptr<std::string> repository;
};

int diff(Context& context, const DiffOptions& options) {
    const auto snapshots = context.connection().snapshots();
    return Browsing(snapshots, *options.repository, context.options, context.cancel)
        .compare(options.before, options.after);
}

}  // namespace

void addDiff(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("diff", "What changed from one snapshot to another");
    const auto options = std::make_shared<DiffOptions>();
    verb->add_option("OLD[:/path]", options->before, "The earlier snapshot")->required();
    verb->add_option("NEW[:/path]", options->after, "The later one")->required();
    options->repository = addRepositoryOption(*verb);
    verb->footer(
        "A line for each entry: + added, - removed, M content changed, A only attributes changed,\n"
        "T became something of another type.\n\n"
        "Example:\n  coffer diff 1f3a9c02:/home latest:/home");
    verb->callback([&context, options] {
        context.job = [&context, options] { return diff(context, *options); };
    });
}

}  // namespace coffer::cli
