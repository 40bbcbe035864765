#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/repository/chunk_source.h"
#include "core/snapshot/tree.h"

namespace coffer {

/// Calls `each` for every entry of a folder: by name, or segment by segment in a large one.
/// `each` returns false to stop.
void forEachNode(ChunkSource& chunks, const ChunkId& tree,
                 const std::function<bool(TreeNode&&)>& each);

/// The entry with that name, or nothing; a large folder costs one segment.
std::optional<TreeNode> findNode(ChunkSource& chunks, const ChunkId& tree, const std::string& name);

/// The node at an absolute path below `root` ("/" is root itself). Throws Error(notFound).
TreeNode nodeAt(ChunkSource& chunks, const TreeNode& root, const std::string& path);

}  // namespace coffer
