#pragma once

#include "core/agent/worker_pipe.h"
#include "workstation_agent/worker/run_world.h"

namespace coffer {

/// Carries out the order of a restore and gives its result. An Error ends it; another attempt of
/// the same run goes on with what is in the target by then.
WorkerResult restore(const WorkerOrder& order, const RunWorld& world);

}  // namespace coffer
