#pragma once

#include <string_view>

#include "core/console/json.h"
#include "core/snapshot/snapshot.h"

namespace coffer::solo {

Json jsonOf(const Snapshot& snapshot);

/// {"type": "file", "size": …, "mode": "0644", …} of an entry of a snapshot.
Json jsonOf(const TreeNode& node);

/// The word for a type of entry: "file", "folder", "symlink" …
std::string_view nameOf(EntryType type);

}  // namespace coffer::solo
