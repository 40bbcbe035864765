#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/cancel.h"
#include "core/repository/chunk_source.h"
#include "core/snapshot/tree_node.h"

namespace coffer::solo {

/// One state of an entry, and in which of the snapshots searched it is.
struct FoundVersion {
    TreeNode node;
    std::vector<std::size_t> snapshots;  // their numbers, ascending
};

/// An entry that was searched for, with its states from the oldest snapshot on.
struct FoundEntry {
    std::string path;  // absolute
    std::vector<FoundVersion> versions;
};

struct SearchCalls {
    std::function<bool(const std::string& path, bool isFolder)> matches;
    std::function<void(const FoundEntry&)> found;
    std::function<void(const std::string& path, const Error&)> damaged;  // a folder, passed over
};

/// Goes through several snapshots at once, folder by folder; what they have in common is read once.
/// `roots` are their root folders, oldest first.
void searchSnapshots(ChunkSource& chunks, const std::vector<TreeNode>& roots,
                     const SearchCalls& calls, const CancelToken& cancel);

}  // namespace coffer::solo
