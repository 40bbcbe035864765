#include "management_panel/cli/browsing.h"
#include "management_panel/cli/verbs.h"

namespace coffer::cli {

namespace {

struct FindOptions {
    std::string pattern;
    std::vector<std::string> snapshots;  // none: all
    std::shared_ptr<std::string> repository;
};

int find(Context& context, const FindOptions& options) {
    const auto snapshots = context.connection().snapshots();
    return Browsing(snapshots, *options.repository, context.options, context.cancel)
        .find(options.pattern, options.snapshots);
}

}  // namespace

void addFind(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("find", "Find files by name in all snapshots");
    const auto options = std::make_shared<FindOptions>();
    verb->add_option("NAME", options->pattern, "A name; * ? and […] stand for others")->required();
    verb->add_option("--snapshot", options->snapshots, "Only in this snapshot; may be repeated")
        ->type_name("SNAPSHOT")
        ->allow_extra_args(false);
    options->repository = addRepositoryOption(*verb);
    verb->footer(
        "Shows each state a file was in, and the snapshots that hold it.\n\n"
        "Examples:\n"
        "  coffer find letter.odt\n"
        "  coffer find '*.odt'");
    verb->callback([&context, options] {
        context.job = [&context, options] { return find(context, *options); };
    });
}

}  // namespace coffer::cli
