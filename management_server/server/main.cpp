// coffer-server: the management server of a Coffer network.

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "core/base/error.h"
#include "core/console/command_line.h"
#include "core/console/exit_codes.h"
#include "core/console/output.h"
#include "core/console/process.h"
#include "core/console/reporter.h"
#include "management_server/server/verbs.h"

using namespace coffer;

int main(int count, char** words) {
    prepareProcess();
    server::Context context;
    CLI::App app("The management server of a Coffer network.");
    server::describeServer(app, context);
    if (const auto code = parseWords(app, {words + 1, words + count})) return *code;
    try {
        const int code = context.job();
        checkOutput(std::cout.flush());
        return code;
    } catch (const Error& error) {
        std::cout.flush();
        reportError("coffer-server", error, false);
        return exitCodeOf(error.code());
    } catch (const std::exception& error) {
        std::cerr << "coffer-server: " << error.what() << '\n';
        return exitFailed;
    }
}
