#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/json.h"
#include "core/console/output.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/entry_view.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/client/pages.h"

namespace coffer::cli {

namespace {

struct DiffOptions {
    std::string before;
    std::string after;
    std::shared_ptr<std::string> repository;
};

char letterOf(std::string_view change) {
    if (change == "added") return '+';
    if (change == "removed") return '-';
    if (change == "content") return 'M';
    if (change == "attributes") return 'A';
    if (change == "type") return 'T';
    return '?';
}

void print(const Coffer::Difference& difference, JsonArray& array, bool json) {
    const std::string path = rpc::textOf(difference.where);
    if (json) {
        Json object = Json::object();
        putOctets(object, "change", difference.change.in());
        putOctets(object, "path", path);
        object.update(jsonOf(difference.attributes));
        array.add(object);
    } else {
        std::cout << letterOf(difference.change.in()) << ' '
                  << nameText(difference.attributes, path) << '\n';
    }
}

int diff(Context& context, const DiffOptions& options) {
    const auto manager = context.connection().snapshots();
    const Coffer::DifferenceIterator_var rest = rpc::call("compare", [&] {
        return Coffer::DifferenceIterator_var(manager->compare(
            options.repository->c_str(), options.before.c_str(), options.after.c_str()));
    });
    JsonArray array(std::cout);
    client::forEachPage<Coffer::DifferenceIterator, Coffer::Differences>(
        "compare", rest, [&](const Coffer::Differences& page) {
            context.cancel.check();
            for (CORBA::ULong i = 0; i < page.length(); ++i) {
                print(page[i], array, context.options.json);
            }
            checkOutput(std::cout);
        });
    if (context.options.json) array.finish();
    return exitSuccess;
}

}  // namespace

void addDiff(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("diff", "What changed from one snapshot to another");
    const auto options = std::make_shared<DiffOptions>();
    verb->add_option("OLD", options->before, "The earlier snapshot")->required();
    verb->add_option("NEW", options->after, "The later one")->required();
    options->repository = addRepositoryOption(*verb);
    verb->footer(
        "A line for each entry: + added, - removed, M content changed, A only attributes changed,\n"
        "T became something of another type.\n\n"
        "Example:\n  coffer diff 1f3a9c02 latest");
    verb->callback([&context, options] {
        context.job = [&context, options] { return diff(context, *options); };
    });
}

}  // namespace coffer::cli
