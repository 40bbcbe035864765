#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/json.h"
#include "core/console/output.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/entry_view.h"
#include "management_panel/cli/found_entries.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/client/pages.h"

namespace coffer::cli {

namespace {

struct FindOptions {
    std::string pattern;
    std::shared_ptr<std::string> repository;
};

int find(Context& context, const FindOptions& options) {
    const auto manager = context.connection().snapshots();
    const Coffer::FindingIterator_var rest = rpc::call("search", [&] {
        return Coffer::FindingIterator_var(
            manager->search(options.repository->c_str(), options.pattern.c_str()));
    });
    FoundEntries found(std::cout, context.options.json);
    client::forEachPage<Coffer::FindingIterator, Coffer::Findings>(
        "search", rest, [&](const Coffer::Findings& page) {
            context.cancel.check();
            for (CORBA::ULong i = 0; i < page.length(); ++i) found.add(page[i]);
            checkOutput(std::cout);
        });
    found.finish();
    return exitSuccess;
}

}  // namespace

void addFind(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("find", "Find files by name in all snapshots");
    const auto options = std::make_shared<FindOptions>();
    verb->add_option("NAME", options->pattern, "A name; * ? and […] stand for others")->required();
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
