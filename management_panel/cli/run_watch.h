#pragma once

#include "management_panel/cli/context.h"

namespace coffer::cli {

/// Waits for the end of a run, with a line of progress, then tells how it ended; gives the exit
/// code. A stop that was asked for ends the waiting, not the run: the user is told how to go on.
int waitForRun(Context& context, long long run);

/// What verbs do that have started a run: waits for it, or tells its number.
int afterStart(Context& context, long long run, bool wait);

}  // namespace coffer::cli
