#pragma once

#include "management_server/runs/run_queue.h"
#include "management_server/runs/run_record.h"

namespace coffer {

/// What a run needs to be at work.
RunLane laneOf(const RunRecord& run);

/// Brings the queue along with how a run stands now.
void enterInQueue(RunQueue& queue, const RunRecord& run);

}  // namespace coffer
