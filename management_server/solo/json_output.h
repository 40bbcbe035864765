#pragma once

#include "core/console/json.h"
#include "core/snapshot/snapshot.h"

namespace coffer::solo {

Json jsonOf(const Snapshot& snapshot);

/// {"type": "file", "size": …, "mode": "0644", …} of an entry of a snapshot.
Json jsonOf(const TreeNode& node);

}  // namespace coffer::solo
