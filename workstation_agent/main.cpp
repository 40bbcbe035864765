// coffer-workstation-agent: shows this computer's files to its server, and backs up and restores.

#include <CLI/CLI.hpp>

#include "core/console/command_line.h"
#include "core/console/process.h"
#include "workstation_agent/verbs.h"

using namespace coffer;

int main(int count, char** words) {
    prepareProcess();
    agent::Context context;
    CLI::App app("The agent of a Coffer network on this computer.");
    agent::describeAgent(app, context);
    if (const auto code = parseWords(app, {words + 1, words + count})) return *code;
    return runJob("coffer-workstation-agent", false, context.job);
}
