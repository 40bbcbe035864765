#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/json.h"
#include "core/console/table.h"
#include "management_panel/cli/secret_input.h"
#include "management_server/solo/place.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

void printPlace(Place& place, const GlobalOptions& options) {
    const std::string id = place.repository().config().repositoryId.hex();
    if (options.json) {
        Json object{{"repositoryId", id}};
        putOctets(object, "repository", place.folder());
        putOctets(object, "state", place.state().path());
        printJson(std::cout, object);
    } else if (!options.quiet) {
        FactTable facts;
        facts.add("repository", printable(place.folder()));
        facts.add("id", id);
        facts.add("keys and state", printable(place.state().path()));
        facts.print(std::cout);
    }
}

int init(const GlobalOptions& options) {
    const auto place = Place::create(options);
    printPlace(*place, options);
    if (!options.json && !options.quiet) {
        const std::string start = "  " + commandStart(options);
        std::cout << "\nBefore the first backup the recovery kit has to be kept in a safe place.\n"
                     "Without it nobody can read the repository once this machine is lost:\n"
                  << start << "recovery-kit export FILE\n"
                  << start << "recovery-kit confirm\n";
    }
    return exitSuccess;
}

int adopt(const GlobalOptions& options, const std::string& kitFile) {
    const auto place = Place::adopt(options, RecoveryKit::fromText(cli::readText(kitFile)));
    printPlace(*place, options);
    if (!options.json && !options.quiet) {
        std::cout
            << "\nThe repository belongs to this machine now; the former one can only read.\n";
    }
    return exitSuccess;
}

}  // namespace

void addInit(CLI::App& app, Context& context) {
    auto* init = app.add_subcommand("init", "Make a new repository");
    init->footer(
        "Makes an empty repository in the folder named by --repo, and its keys in the state\n"
        "folder. The folder is made when it is missing.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo init");
    init->callback([&] { context.job = [&] { return solo::init(context.options); }; });

    auto* adopt = app.add_subcommand("adopt", "Take a repository over on a new machine");
    const auto kit = std::make_shared<std::string>();
    adopt->add_option("KITFILE", *kit, "The recovery kit; - for standard input")->required();
    adopt->footer(
        "For when the machine that made the backups is lost: gives this machine the keys out of\n"
        "the recovery kit. The former one, should it come back, can read but no longer write.\n"
        "This machine must not hold keys for the repository yet.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo adopt /media/usb/kit.txt");
    adopt->callback([&context, kit] {
        context.job = [&context, kit] { return solo::adopt(context.options, *kit); };
    });
}

}  // namespace coffer::solo
