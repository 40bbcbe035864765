#include <iostream>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/console/terminal.h"
#include "core/trust/private_file.h"
#include "management_server/server/server_settings.h"
#include "management_server/server/verbs.h"

namespace coffer::server {

namespace {

constexpr const char* footer =
    "Begin with:\n"
    "  coffer-server init --host backup.example\n"
    "  coffer-server run\n\n"
    "Settings: server.ini in the state folder, as 'init' writes it; what --config (default:\n"
    "/etc/coffer/server.ini, unless --state is given) sets counts more.\n"
    "Exit codes: 0 success, 1 failed, 2 wrong usage, 5 another server runs, or the port is taken;\n"
    "those of check: coffer-server check --help.";

}  // namespace

std::vector<std::string> Context::settingsFiles(const ServerFolder& folder) const {
    std::vector<std::string> files{folder.settingsFile()};
    if (!config.empty()) {
        if (!folder.disk().stat(folder.disk().canonical(config))) {
            throw Error(ErrorCode::notFound, "there is no file " + printable(config));
        }
        files.push_back(config);
    } else if (!stateNamed) {
        files.emplace_back("/etc/coffer/server.ini");
    }
    return files;
}

int runProgram(std::vector<std::string> words) {
    Context context;
    return runService({.name = "coffer-server",
                       .version = COFFER_VERSION,
                       .purpose = "The management server of a Coffer network.",
                       .footer = footer,
                       .configHelp = "Settings that count more than those of the state",
                       .addVerbs =
                           [&](CLI::App& app) {
                               addInit(app, context);
                               addRun(app, context);
                               addRestore(app, context);
                               addCheck(app, context);
                               addResetPassword(app, context);
                           },
                       .settings = [] { return SettingsFile::commented(ServerSettings::rules()); }},
                      context, std::move(words));
}

ShowPassword passwordShower(const std::string& file, const std::string& user) {
    if (!file.empty()) {
        return [file](const std::string& password) { writePrivateFile(file, password + "\n"); };
    }
    if (!errorIsTerminal()) {
        throw Error(ErrorCode::invalidArgument,
                    "there is no terminal to show the password on: name a file for it with "
                    "--password-file");
    }
    return [user](const std::string& password) {
        std::cerr << "Password of " << user << ", for one login: " << password << '\n';
    };
}

}  // namespace coffer::server
