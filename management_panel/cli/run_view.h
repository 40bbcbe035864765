#pragma once

#include <string>

#include "core/console/exit_codes.h"
#include "core/console/json.h"
#include "core/console/progress_line.h"
#include "idl/management.hh"

namespace coffer::cli {

/// Whether the run has come to its end, well or not.
bool hasEnded(const Coffer::RunInfo& run);

/// A backup whose snapshot is there, and is being verified.
bool hasCommitted(const Coffer::RunInfo& run);

/// Its state, for people; of one that waits, what for.
std::string shownState(const Coffer::RunInfo& run);

/// What a program that waited for the run tells its caller. A verification that found damage is
/// exitDamage.
ExitCode exitCodeOf(const Coffer::RunInfo& run);

/// Seconds from its start to its end; nothing before.
std::optional<double> secondsOf(const Coffer::RunInfo& run);

ProgressSample sampleOf(const Coffer::RunInfo& run);

/// All fields but the problems themselves (docs/coffer.md).
Json jsonOf(const Coffer::RunInfo& run);
Json jsonOf(const Coffer::RunProblem& problem);

/// Facts about a run, for people.
void printRun(std::ostream& out, const Coffer::RunInfo& run);

}  // namespace coffer::cli
