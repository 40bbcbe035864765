// coffer-update-package: makes release keys, and packages of newer agents that one of them signs
// (docs/updates.md).

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "core/console/command_line.h"
#include "core/console/exit_codes.h"
#include "core/console/process.h"
#include "core/update/package_maker.h"
#include "tools/update_package/release_key.h"

using namespace coffer;

namespace {

struct Options {
    std::string key;
    std::string folder;
    std::string package;
    std::string version;
};

void print(const PackageHead& head) {
    std::cout << "version   " << head.manifest.version.text() << '\n'
              << "platform  " << head.manifest.platform << '\n'
              << "made      " << toIso8601(head.manifest.made) << '\n'
              << "signed by " << head.signer.hex() << '\n';
    for (const UpdateManifest::File& file : head.manifest.files) {
        std::cout << file.digest.hex() << "  " << file.name << " (" << file.size << " octets)\n";
    }
}

int makeKey(const Options& options) {
    std::cout << makeReleaseKey(options.key).verifyKey().hex() << '\n';
    return exitSuccess;
}

int make(const Options& options) {
    const auto disk = makeSystemDisk();
    print(makePackage(*disk, disk->canonical(options.folder), disk->canonical(options.package),
                      Version::parse(options.version), SystemClock().now(),
                      readReleaseKey(options.key)));
    return exitSuccess;
}

int show(const Options& options) {
    const auto disk = makeSystemDisk();
    print(checkPackage(*disk, disk->canonical(options.package)));
    return exitSuccess;
}

}  // namespace

int main(int count, char** words) {
    prepareProcess();
    Options options;
    std::function<int()> job;
    CLI::App app("Makes signed packages of newer Coffer agents.");
    dressProgram(app, "coffer-update-package", COFFER_VERSION);
    app.footer(
        "The key stays with who makes releases, on no server and on no agent. Agents get what\n"
        "'keygen' prints, as updates.keys of their agent.ini.");

    auto* keygen = app.add_subcommand("keygen", "Make a release key, and print its public part");
    keygen->add_option("KEY", options.key, "A new file, for its owner alone")->required();
    keygen->footer("Example:\n  coffer-update-package keygen release.key");
    keygen->callback([&] { job = [&] { return makeKey(options); }; });

    auto* making = app.add_subcommand("make", "Make a package out of a folder");
    making->add_option("--key", options.key, "The release key that signs")->required();
    making->add_option("--version", options.version, "Of the programs, as they say")->required();
    making->add_option("FOLDER", options.folder, "coffer-workstation-agent and coffer-worker")
        ->required();
    making->add_option("PACKAGE", options.package, "A new file")->required();
    making->footer(
        "Example:\n  coffer-update-package make --key release.key --version 1.4.0 programs "
        "coffer-1.4.0.package");
    making->callback([&] { job = [&] { return make(options); }; });

    auto* showing = app.add_subcommand("show", "Check a package and tell what is in it");
    showing->add_option("PACKAGE", options.package, "A file")->required();
    showing->footer("Example:\n  coffer-update-package show coffer-1.4.0.package");
    showing->callback([&] { job = [&] { return show(options); }; });

    groupVerbs(app);
    if (const auto code = parseWords(app, {words + 1, words + count})) return *code;
    return runJob("coffer-update-package", false, job);
}
