// coffer-rescue: lists and restores what is in a repository, with its recovery kit and nothing
// else. Exit code 0: all well; 1: failed; 2: wrong usage; 3: done, but something is damaged, lost
// or incomplete, told on standard error.

#include <CLI/CLI.hpp>
#include <exception>
#include <functional>
#include <iostream>
#include <string>

#include "core/codec/secret.h"
#include "rescue/verbs.h"

namespace {

using namespace coffer;
using namespace coffer::rescue;

enum ExitCode { allWell = 0, failed = 1, usage = 2, damaged = 3 };

struct Arguments {
    std::string kitFile;
    std::string repository;
    std::string selection;
    std::string to;
};

Kit kitFromFile(const std::string& path) {
    Bytes text = readFile(path, kitTextLimit);
    Kit kit = readKit(textOf(text));
    wipe(text);
    return kit;
}

using Verb = std::function<void(const OpenedRepository&, ProblemReport&)>;

int run(const Arguments& arguments, const Verb& verb) {
    try {
        ProblemReport report([](const std::string& line) {
            std::cout.flush();
            std::cerr << "coffer-rescue: " << line << '\n';
        });
        const OpenedRepository repository(arguments.repository, kitFromFile(arguments.kitFile),
                                          report);
        verb(repository, report);
        if (!std::cout.flush()) throw Error(ErrorCode::ioError, "standard output: cannot write");
        return report.count() == 0 ? allWell : damaged;
    } catch (const std::exception& error) {
        std::cerr << "coffer-rescue: " << error.what() << '\n';
        return failed;
    }
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    Verb verb;
    CLI::App app(
        "Lists and restores from a Coffer repository, with its recovery kit alone. "
        "Never writes into the repository.");
    app.add_option("--kit", arguments.kitFile, "File with the recovery kit")->required();
    app.set_version_flag("--version", "coffer-rescue " COFFER_VERSION);
    app.require_subcommand(1)->fallthrough();

    const auto add = [&](const char* name, const char* about, bool selects, Verb does) {
        auto* command = app.add_subcommand(name, about)->fallthrough();
        command->add_option("REPOSITORY", arguments.repository, "Folder of it")->required();
        if (selects) {
            command
                ->add_option("SNAPSHOT[:PATH]", arguments.selection,
                             "'latest' or the beginning of an id, and a path in the snapshot")
                ->required();
        }
        command->callback([&verb, does] { verb = does; });
        return command;
    };
    add("list", "List the snapshots, the newest last", false,
        [](const auto& repository, auto& report) { listSnapshots(repository, std::cout, report); });
    add("ls", "List a folder of a snapshot", true, [&](const auto& repository, auto& report) {
        listFolder(repository, Selection::parse(arguments.selection), std::cout, report);
    });
    add("restore", "Restore a snapshot, or a part of it", true,
        [&](const auto& repository, auto& report) {
            restore(repository, Selection::parse(arguments.selection), arguments.to, report);
        })
        ->add_option("--to", arguments.to, "Folder to restore into: empty, or not there yet")
        ->required();
    add("check", "Check every signature, seal and id", false,
        [](const auto& repository, auto& report) { check(repository, std::cout, report); });

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? allWell : usage;
    }
    return run(arguments, verb);
}
