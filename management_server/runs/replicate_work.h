#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/storage/disk.h"
#include "management_server/runs/server_work.h"

namespace coffer {

/// Carries out runs of kind "replicate": brings the replica in the run's folder up to date; options
/// "verify" and "limit". What could not be copied makes it end with warnings. `taken` tells the
/// folders of the server, canonical, in and around which no replica can be. The disk outlives it.
ServerWork replicateWork(Disk& disk, std::function<std::vector<std::string>()> taken);

}  // namespace coffer
