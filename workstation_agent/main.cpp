// coffer-workstation-agent: shows this computer's files to its server, and backs up and restores.

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "core/base/error.h"
#include "core/console/command_line.h"
#include "core/console/exit_codes.h"
#include "core/console/output.h"
#include "core/console/process.h"
#include "core/console/reporter.h"
#include "workstation_agent/verbs.h"

using namespace coffer;

int main(int count, char** words) {
    prepareProcess();
    agent::Context context;
    CLI::App app("The agent of a Coffer network on this computer.");
    agent::describeAgent(app, context);
    if (const auto code = parseWords(app, {words + 1, words + count})) return *code;
    try {
        const int code = context.job();
        checkOutput(std::cout.flush());
        return code;
    } catch (const Error& error) {
        std::cout.flush();
        reportError("coffer-workstation-agent", error, false);
        return exitCodeOf(error.code());
    } catch (const std::exception& error) {
        std::cerr << "coffer-workstation-agent: " << error.what() << '\n';
        return exitFailed;
    }
}
