#include <iostream>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/console/command_line.h"
#include "core/console/exit_codes.h"
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
    "Exit codes: 0 success, 1 failed, 2 wrong usage, 5 another server runs, or the port is taken.";

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

void describeServer(CLI::App& app, Context& context) {
    dressProgram(app, "coffer-server", COFFER_VERSION);
    app.footer(footer);
    auto* state =
        app.add_option("--state", context.state, "State folder (default: /var/lib/coffer/server)");
    state->type_name("DIR");
    app.add_option("--config", context.config, "Settings that count more than those of the state")
        ->type_name("FILE");
    addInit(app, context);
    addRun(app, context);
    addResetPassword(app, context);
    addPrintConfig(app, context);
    groupVerbs(app);
    app.final_callback([state, &context] { context.stateNamed = state->count() > 0; });
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

void addPrintConfig(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("print-config", "Print all settings with their comments");
    verb->callback([&context] {
        context.job = [] {
            std::cout << SettingsFile::commented(ServerSettings::rules());
            return exitSuccess;
        };
    });
}

}  // namespace coffer::server
