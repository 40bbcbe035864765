#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "core/console/service_program.h"

namespace coffer::agent {

/// What the verbs of coffer-workstation-agent share.
struct Context : ServiceContext {
    Context() : ServiceContext{"/var/lib/coffer/agent"} {}

    std::string settingsFile() const;

    std::vector<std::string> words;  // that the program was started with, without its name
};

/// Does what the words behind the program's name say, and gives the exit code.
int runProgram(std::vector<std::string> words);

void addEnrol(CLI::App& app, Context& context);
void addRun(CLI::App& app, Context& context);

}  // namespace coffer::agent
