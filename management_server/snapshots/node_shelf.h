#pragma once

#include <list>
#include <string>

#include "core/base/guarded.h"
#include "core/snapshot/tree_reader.h"

namespace coffer {

/// The entries of snapshots that were looked at last, so that folders are not searched again for
/// each slice of a file that is read. Safe to share between threads.
class NodeShelf {
  public:
    /// As nodeAt: the entry at an absolute path ("/a/b", in this one form) below `root`.
    TreeNode nodeAt(ChunkSource& chunks, const TreeNode& root, const std::string& path);

  private:
    struct Kept {
        ChunkId tree;  // what is below it never changes
        std::string path;
        TreeNode node;
    };
    Guarded<std::list<Kept>> newestFirst_;
};

}  // namespace coffer
