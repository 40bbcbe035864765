#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/json.h"
#include "core/console/reporter.h"
#include "core/console/terminal.h"
#include "core/repository/config_format.h"
#include "core/repository/server_keys.h"
#include "management_panel/cli/new_file.h"
#include "management_panel/cli/secret_input.h"
#include "management_server/solo/kit_proof.h"
#include "management_server/solo/place.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

bool liesIn(const std::string& path, const std::string& folder) {
    return path.starts_with(folder + "/");
}

int exportKit(const GlobalOptions& options, const std::string& file) {
    const auto place = Place::look(options);
    Reporter reporter(options);
    const RecoveryKit kit = place->repository().kit();
    const std::string text = kit.toText(place->clock().now(), printable(place->folder()));
    if (file == "-") {
        std::cout << text;
        return exitSuccess;
    }
    cli::writeNewFile(file, text);
    const std::string path = place->disk().canonical(file);
    if (liesIn(path, place->folder()) || liesIn(path, place->state().path())) {
        reporter.warn("the kit lies beside what it is to save: keep it elsewhere");
    }
    if (options.json) {
        Json object = Json::object();
        putOctets(object, "file", path);
        printJson(std::cout, object);
    } else if (!options.quiet) {
        std::cout << "The recovery kit is in " << printable(file)
                  << ".\nPrint it or copy it to where this machine's fate does not reach it, then "
                     "run:\n  "
                  << commandStart(options) << "recovery-kit confirm\n";
    }
    return exitSuccess;
}

std::optional<std::string> askOnTerminal(const std::string& question, const CancelToken& cancel) {
    std::cerr << question << std::flush;
    return readLine(cancel);
}

void proveOnTerminal(const RecoveryKit& kit, const CancelToken& cancel) {
    if (!inputIsTerminal()) {
        throw Error(ErrorCode::invalidArgument,
                    "there is no terminal to ask on: name the file of the kit that was kept");
    }
    std::cerr << "To prove that the kit was kept, type two groups of its key. They stand in the\n"
                 "lines K1, K2 … and are parted by dashes.\n";
    if (!proveKept(kit, [&](const auto& question) { return askOnTerminal(question, cancel); })) {
        throw Error(ErrorCode::wrongKey, "that is not what the kit says: it is not confirmed");
    }
}

int confirmKit(Context& context, const std::string& file) {
    const GlobalOptions& options = context.options;
    const auto place = Place::change(options);
    Repository& repository = place->repository();
    if (repository.kitConfirmed() && file.empty()) {
        throw Error(ErrorCode::conflict, "the recovery kit was confirmed before");
    }
    if (file.empty()) {
        const RecoveryKit kit = repository.kit();
        proveOnTerminal(kit, context.cancel);
        repository.confirmKit(kit);
    } else {
        repository.confirmKit(RecoveryKit::fromText(cli::readText(file)));
    }
    if (options.json) {
        printJson(std::cout, {{"kitConfirmed", true}});
    } else if (!options.quiet) {
        std::cout << "Confirmed. This machine keeps no copy of the kit; backups can begin.\n";
    }
    return exitSuccess;
}

// Needs no state: a kit is tried where nothing is left but the repository.
int checkKit(const GlobalOptions& options, const std::string& file) {
    const auto disk = makeSystemDisk();
    const std::string folder = disk->canonical(options.repository);
    LocalStore store(*disk, folder);
    const RepositoryConfig config = readConfig(store, folder);
    const RecoveryKit kit = RecoveryKit::fromText(cli::readText(file));
    const RootKey root = RootKey::fromSeed(kit.rootSeed);
    if (kit.repositoryId != config.repositoryId || root.sign.verifyKey() != config.rootSign) {
        throw Error(ErrorCode::wrongKey, "the kit belongs to repository " + kit.repositoryId.hex() +
                                             ", this one is " + config.repositoryId.hex());
    }
    during("the kit belongs to this repository, but does not open it", [&] {
        openKeyObject(readAll(store, config_format::firstKeysName, config_format::configLimit),
                      config.repositoryId, root);
    });
    if (options.json) {
        printJson(std::cout, {{"kitFits", true}, {"repositoryId", config.repositoryId.hex()}});
    } else if (!options.quiet) {
        std::cout << "The kit belongs to this repository, and opens it.\n";
    }
    return exitSuccess;
}

}  // namespace

void addRecoveryKit(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("recovery-kit", "Export, confirm or check the recovery kit");
    verb->require_subcommand(1);
    verb->footer(
        "The recovery kit is a text that opens the repository when this machine is lost. Whoever\n"
        "has it and the repository can read all backups.\n\n"
        "Example:\n"
        "  coffer-solo --repo /backup/repo recovery-kit export /media/usb/kit.txt\n"
        "  coffer-solo --repo /backup/repo recovery-kit confirm");
    const auto file = std::make_shared<std::string>();

    auto* exporting = verb->add_subcommand("export", "Write the kit into a new file");
    exporting
        ->add_option("FILE", *file, "A new file, made for its owner only; - for standard output")
        ->required();
    exporting->footer(
        "Possible until the kit is confirmed; then this machine forgets it.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo recovery-kit export /media/usb/kit.txt");
    exporting->callback([&context, file] {
        context.job = [&context, file] { return exportKit(context.options, *file); };
    });

    auto* confirming = verb->add_subcommand("confirm", "Prove that the kit was kept");
    confirming->add_option("FILE", *file, "The kept kit, read back; - for standard input");
    confirming->footer(
        "Without FILE two groups of the key are asked for on the terminal. Backups are possible\n"
        "once the kit is confirmed.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo recovery-kit confirm /media/usb/kit.txt");
    confirming->callback([&context, file] {
        context.job = [&context, file] { return confirmKit(context, *file); };
    });

    auto* checking = verb->add_subcommand("check", "Does a kit belong to this repository?");
    checking->add_option("FILE", *file, "The kit; - for standard input")->required();
    checking->footer(
        "Opens the repository's keys with it. Needs nothing but the repository folder and the "
        "kit.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo recovery-kit check /media/usb/kit.txt");
    checking->callback([&context, file] {
        context.job = [&context, file] { return checkKit(context.options, *file); };
    });
}

}  // namespace coffer::solo
