#include "management_server/solo/collocated_snapshots.h"
#include "management_server/solo/place.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

struct LsOptions {
    std::string what;
    cli::Browsing::Form form;
};

int ls(Context& context, const LsOptions& options) {
    const auto place = Place::look(context.options);
    return CollocatedSnapshots(place->repository())
        .browsing(context)
        .listFolder(options.what, options.form);
}

}  // namespace

void addLs(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("ls", "List a folder of a snapshot");
    const auto options = std::make_shared<LsOptions>();
    verb->add_option("SNAPSHOT[:PATH]", options->what,
                     "'latest', an id or its first digits; PATH as it was backed up")
        ->required();
    verb->add_flag("-l,--long", options->form.details, "With mode, owner, group, size and time");
    verb->add_flag("-R,--recursive", options->form.recursive,
                   "With all that is in the folders below");
    verb->footer(
        "Names that a terminal could not show are printed with \\xHH for their octets.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo ls -l latest:/home/ann");
    verb->callback([&context, options] {
        context.job = [&context, options] { return ls(context, *options); };
    });
}

}  // namespace coffer::solo
