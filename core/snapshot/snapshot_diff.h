#pragma once

#include <functional>
#include <string>

#include "core/repository/chunk_source.h"
#include "core/snapshot/tree_node.h"

namespace coffer {

enum class Change { added, removed, content, attributes, type };

/// Calls `each` for every entry that differs between two trees, by path. Folders that are the same
/// are not read. An added or removed folder is given with all it holds.
void diffTrees(
    ChunkSource& chunks, const TreeNode& before, const TreeNode& after,
    const std::function<void(const std::string& path, Change change, const TreeNode& node)>& each);

}  // namespace coffer
