#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "core/console/service_program.h"
#include "management_server/server/initialisation.h"

namespace coffer::server {

/// What the verbs of coffer-server share.
struct Context : ServiceContext {
    Context() : ServiceContext{"/var/lib/coffer/server"} {}

    /// Files with settings; what a later one sets counts.
    std::vector<std::string> settingsFiles(const ServerFolder& folder) const;
};

/// Does what the words behind the program's name say, and gives the exit code.
int runProgram(std::vector<std::string> words);

void addInit(CLI::App& app, Context& context);
void addRun(CLI::App& app, Context& context);
void addCheck(CLI::App& app, Context& context);
void addRestore(CLI::App& app, Context& context);
void addResetPassword(CLI::App& app, Context& context);

/// Writes a one-time password into a file, or without one to the terminal. Throws
/// Error(invalidArgument) at once when there is neither.
ShowPassword passwordShower(const std::string& file, const std::string& user);

}  // namespace coffer::server
