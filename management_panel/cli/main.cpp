// coffer: the command line of a Coffer network, for people and their scripts.

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <memory>

#include "core/console/command_line.h"
#include "core/console/exit_codes.h"
#include "core/console/output.h"
#include "core/console/process.h"
#include "core/console/reporter.h"
#include "management_panel/cli/verbs.h"

using namespace coffer;
using namespace coffer::cli;

namespace {

Error withHint(const Error& error) {
    if (error.code() != ErrorCode::loginAgain) return error;
    return Error(error.code(), std::string(error.what()) + ": log in with 'coffer login'");
}

int run(Context& context) {
    try {
        const int code = context.job();
        checkOutput(std::cout.flush());
        return code;
    } catch (const Error& error) {
        std::cout.flush();
        reportError("coffer", withHint(error), context.options.json);
        return exitCodeOf(error.code());
    }
}

}  // namespace

int main(int count, char** words) {
    prepareProcess();
    CancelToken& cancel = stopOnSignals();
    std::unique_ptr<client::Connection> connection;
    const auto connect = [&]() -> client::Connection& {
        if (!connection) {
            connection = std::make_unique<client::Connection>(client::ClientFolder::ofUser());
        }
        return *connection;
    };
    Context context{{}, cancel, connect, {}};
    CLI::App app("The command line of a Coffer network: agents, backups, restores.");
    describeCoffer(app, context);
    if (const auto code = parseWords(app, {words + 1, words + count})) return *code;
    try {
        return run(context);
    } catch (const std::exception& error) {
        std::cerr << "coffer: " << error.what() << '\n';
        return exitFailed;
    }
}
