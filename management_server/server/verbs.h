#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>
#include <vector>

#include "management_server/server/initialisation.h"

namespace coffer::server {

/// What the verbs of coffer-server share.
struct Context {
    std::string state = "/var/lib/coffer/server";
    std::string config{};  // empty: the usual place
    bool stateNamed = false;
    std::function<int()> job{};  // set by the verb that was named

    /// Files with settings; what a later one sets counts.
    std::vector<std::string> settingsFiles(const ServerFolder& folder) const;
};

void describeServer(CLI::App& app, Context& context);

void addInit(CLI::App& app, Context& context);
void addRun(CLI::App& app, Context& context);
void addResetPassword(CLI::App& app, Context& context);
void addPrintConfig(CLI::App& app, Context& context);

/// Writes a one-time password into a file, or without one to the terminal. Throws
/// Error(invalidArgument) at once when there is neither.
ShowPassword passwordShower(const std::string& file, const std::string& user);

}  // namespace coffer::server
