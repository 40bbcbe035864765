#include <iostream>
#include <iterator>

#include "core/agent/object_path.h"
#include "core/base/file_lock.h"
#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/process.h"
#include "core/console/terminal.h"
#include "core/trust/private_file.h"
#include "workstation_agent/agent_settings.h"
#include "workstation_agent/enrolment.h"
#include "workstation_agent/verbs.h"

namespace coffer::agent {

namespace {

struct EnrolOptions {
    std::string server;
    std::string tokenFile;
    std::vector<std::string> allowWrite;
    bool again = false;
    bool sameKeys = false;
};

EnrolmentToken readToken(const EnrolOptions& options) {
    if (options.tokenFile == "-") {
        return EnrolmentToken::parse(readLine(stopOnSignals()).value_or(""));
    }
    if (!options.tokenFile.empty()) return EnrolmentToken::parse(readTextFile(options.tokenFile));
    if (!inputIsTerminal()) {
        throw Error(ErrorCode::invalidArgument,
                    "there is no terminal to ask for the token on: use --token-file");
    }
    return EnrolmentToken::parse(readSecret("Enrolment token: ", stopOnSignals()));
}

void checkAllowed(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
        during("--allow-write", [&] {
            checkObjectPath(path);
            if (path.find(',') == path.npos) return;
            throw Error(ErrorCode::invalidArgument, "a path with a ',' cannot stand in settings");
        });
    }
}

std::string joined(const std::vector<std::string>& paths) {
    std::string text;
    for (const std::string& path : paths) text += (text.empty() ? "" : ", ") + path;
    return text;
}

// What the user has written there stays.
void changeSettings(Disk& disk, const std::string& file, const EnrolOptions& options) {
    std::string text =
        disk.stat(file) ? readTextFile(file) : SettingsFile::commented(AgentSettings::rules());
    text = SettingsFile::edited(text, "server.address", Endpoint::parse(options.server).text());
    if (!options.allowWrite.empty()) {
        text = SettingsFile::edited(text, "allow.write", joined(options.allowWrite));
    }
    makeFolders(disk, parentOf(file));
    writePrivateFile(file, text);
}

int enrol(const Context& context, const EnrolOptions& options) {
    const auto disk = makeSystemDisk();
    const std::string file = disk->canonical(context.settingsFile());
    const Endpoint server = Endpoint::parse(options.server);
    checkAllowed(options.allowWrite);
    AgentSettings::read(file);  // a mistake there is told before the token is used up
    const EnrolmentToken token = readToken(options);

    AgentFolder folder(*disk, context.state);
    folder.make();
    const FileLock lock = during("state folder " + printable(folder.path()),
                                 [&] { return FileLock::take(folder.lockFile()); });
    if (folder.enrolled() && !options.again && !options.sameKeys) {
        throw Error(ErrorCode::alreadyExists,
                    "this computer is enrolled already (" + printable(folder.path()) +
                        "); --again makes it another agent, with new keys, --same-keys is for a "
                        "server that has lost its database");
    }
    const std::string name =
        coffer::enrol(folder, server, token, enrolmentOverNetwork(),
                      options.sameKeys ? AgentKeysOf::before : AgentKeysOf::itself);
    during("the computer is enrolled, but its settings were not written",
           [&] { changeSettings(*disk, file, options); });
    std::cout << "Enrolled as " << printable(name) << " at " << server.text() << ".\n"
              << "Settings: " << printable(file) << '\n';
    return exitSuccess;
}

}  // namespace

void addEnrol(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("enrol", "Make this computer an agent of a server");
    const auto options = std::make_shared<EnrolOptions>();
    verb->add_option("--server", options->server, "Where the server listens")
        ->type_name("HOST:PORT")
        ->required();
    verb->add_option("--token-file", options->tokenFile,
                     "Read the token from a file, or '-' for standard input\n"
                     "(default: it is asked for)")
        ->type_name("FILE");
    verb->add_option("--allow-write", options->allowWrite,
                     "Let the server write and restore below this path;\n"
                     "may be repeated (default: nowhere)")
        ->type_name("PATH")
        ->allow_extra_args(false);
    verb->add_flag("--again", options->again, "Even though it is enrolled already");
    verb->add_flag("--same-keys", options->sameKeys,
                   "Stay the agent whose backups the repositories know, at a\n"
                   "server that has lost its database");
    verb->footer(
        "The token comes from 'coffer enrol-token NAME'. It serves once, for a limited time, and\n"
        "also proves that the server is the right one. It never stands on a command line.\n\n"
        "Example:\n"
        "  coffer-workstation-agent enrol --server backup.example:2424 --allow-write /restore");
    verb->callback([&context, options] {
        context.job = [&context, options] { return enrol(context, *options); };
    });
}

}  // namespace coffer::agent
