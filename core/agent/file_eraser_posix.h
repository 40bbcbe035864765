#pragma once

#include <string>

#include "core/base/cancel.h"

namespace coffer {

/// Removes the entry `name` of the open folder, a folder with everything in it at whatever depth.
/// Follows no symbolic link and needs no more descriptors for deeper trees. Stops with
/// Error(conflict) at a place where something is mounted or when the tree is moved meanwhile, with
/// other Errors where the system forbids it; what has not been removed by then stays.
void eraseTree(int folder, const std::string& name, const CancelToken& cancel);

}  // namespace coffer
