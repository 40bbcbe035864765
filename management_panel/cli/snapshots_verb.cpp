#include "management_panel/cli/browsing.h"
#include "management_panel/cli/retention_verbs.h"
#include "management_panel/cli/verbs.h"

namespace coffer::cli {

namespace {

struct ListOptions {
    std::string what;
    Browsing::Form form;
    std::shared_ptr<std::string> repository;
};

Browsing browsing(Context& context, const std::string& repository) {
    return {context.connection().snapshots(), repository, context.options, context.cancel};
}

void addListing(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("ls-snapshot", "List a folder of a snapshot");
    const auto options = std::make_shared<ListOptions>();
    verb->add_option("SNAPSHOT[:/path]", options->what,
                     "'latest', an id or its first digits; the path as it was\nbacked up")
        ->required();
    verb->add_flag("-l,--long", options->form.details, "With mode, owner, group, size and time");
    verb->add_flag("-R,--recursive", options->form.recursive,
                   "With all that is in the folders below");
    options->repository = addRepositoryOption(*verb);
    verb->footer(
        "Examples:\n"
        "  coffer ls-snapshot latest\n"
        "  coffer ls-snapshot -l 1f3a9c02:/home/ann");
    verb->callback([&context, options] {
        context.job = [&context, options] {
            return browsing(context, *options->repository).listFolder(options->what, options->form);
        };
    });
}

}  // namespace

void addSnapshots(CLI::App& app, Context& context) {
    auto* list = app.add_subcommand("snapshots", "List the snapshots, oldest first");
    const auto repository = addRepositoryOption(*list);
    list->footer("Example:\n  coffer snapshots");
    list->callback([&context, repository] {
        context.job = [&context, repository] {
            return browsing(context, *repository).list(Origin::agent);
        };
    });
    addListing(app, context);
    addRetention(
        app, {.start = "coffer",
              .addRepository = [](CLI::App& verb) { return addRepositoryOption(verb); },
              .run =
                  [&context](const std::string& name, bool, const RetentionVerbs::Work& work) {
                      context.job = [&context, name, work] {
                          return work(
                              Forgetting(context.connection().snapshots(), name, context.options));
                      };
                  }});
}

}  // namespace coffer::cli
