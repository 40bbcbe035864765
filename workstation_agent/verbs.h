#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>

namespace coffer::agent {

/// What the verbs of coffer-workstation-agent share.
struct Context {
    std::string state = "/var/lib/coffer/agent";
    std::string config{};  // empty: the usual place
    bool stateNamed = false;
    std::function<int()> job{};  // set by the verb that was named

    std::string settingsFile() const;
};

void describeAgent(CLI::App& app, Context& context);

void addEnrol(CLI::App& app, Context& context);
void addRun(CLI::App& app, Context& context);
void addPrintConfig(CLI::App& app, Context& context);

}  // namespace coffer::agent
