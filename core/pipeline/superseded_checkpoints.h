#pragma once

#include <vector>

#include "core/repository/repository.h"

namespace coffer {

/// Hidden snapshots (checkpoints of a backup) that nobody goes on from any more: the same agent has
/// committed the same paths later. Those that cannot be read are kept.
std::vector<SnapshotId> supersededCheckpoints(Repository& repository);

}  // namespace coffer
