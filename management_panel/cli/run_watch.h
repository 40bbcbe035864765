#pragma once

#include <CLI/CLI.hpp>

#include "management_panel/cli/context.h"

namespace coffer::cli {

/// Waits for the end of a run, of a backup for its commit unless it is to be `proven`, too; with a
/// line of progress, then tells how it ended; gives the exit code. A stop that was asked for ends
/// the waiting, not the run: the user is told how to go on.
int waitForRun(Context& context, long long run, bool proven = false);

/// --wait and --wait-proven, of what may start a backup.
struct WaitOptions {
    bool wait = false;
    bool proven = false;
};
void addWaitOptions(CLI::App& verb, WaitOptions& options);

/// What verbs do that have started a run: waits for it, or tells its number.
int afterStart(Context& context, long long run, const WaitOptions& options);
int afterStart(Context& context, long long run, bool wait);

}  // namespace coffer::cli
