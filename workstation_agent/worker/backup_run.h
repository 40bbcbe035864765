#pragma once

#include "core/agent/worker_pipe.h"
#include "workstation_agent/worker/run_world.h"

namespace coffer {

/// Carries out the order of a backup and gives the committed snapshot as a result that succeeded,
/// or did with warnings. An Error ends it; the journal in the cache folder lets the next attempt go
/// on from there.
WorkerResult backUp(const WorkerOrder& order, const RunWorld& world);

}  // namespace coffer
