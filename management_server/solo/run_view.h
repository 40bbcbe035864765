#pragma once

#include "core/console/progress_line.h"
#include "core/pipeline/problem_log.h"
#include "core/pipeline/run_progress.h"

namespace coffer::solo {

// What a run in this process shows on the console.

ProgressSample sampleOf(const RunProgress& progress);
Warning warningOf(const Problem& problem);

}  // namespace coffer::solo
