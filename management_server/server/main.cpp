// coffer-server: the management server of a Coffer network.

#include <CLI/CLI.hpp>

#include "core/console/command_line.h"
#include "core/console/process.h"
#include "management_server/server/verbs.h"

using namespace coffer;

int main(int count, char** words) {
    prepareProcess();
    server::Context context;
    CLI::App app("The management server of a Coffer network.");
    server::describeServer(app, context);
    if (const auto code = parseWords(app, {words + 1, words + count})) return *code;
    return runJob("coffer-server", false, context.job);
}
