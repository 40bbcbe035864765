#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/repository/chunk_source.h"
#include "core/snapshot/tree.h"

namespace coffer {

/// Goes through a snapshot's tree, folder before its entries, by name (in a large folder segment by
/// segment), in memory that depends on depth, not on size. Used by one thread.
///
///     TreeWalk walk(chunks, root);
///     while (walk.next()) use(walk.path(), walk.node(), walk.leaving());
class TreeWalk {
  public:
    /// `root` itself is not given; paths are relative to it.
    TreeWalk(ChunkSource& chunks, const TreeNode& root);

    /// Goes to the next entry, or out of a folder; false at the end. An Error means that the folder
    /// given last cannot be entered; call again to go on behind it.
    bool next();

    const std::string& path() const { return path_; }
    const TreeNode& node() const { return *node_; }

    /// True when node() is a folder whose entries have all been given.
    bool leaving() const { return leaving_; }

    /// Does not enter the folder just given; it is not left either.
    void skip() { enter_ = false; }

  private:
    struct Frame {
        std::vector<TreeNode> nodes;
        std::size_t at = 0;
        SegmentedTree large;         // of a large folder
        std::size_t segmentAt = 0;   // the next one
        std::size_t pathLength = 0;  // of the folder's own path
    };
    void enter(const TreeNode& folder);
    bool fill(Frame& frame);
    void expectBelow(const std::vector<TreeNode>& nodes);

    ChunkSource& chunks_;
    std::vector<std::unique_ptr<Frame>> frames_;
    std::string path_;
    const TreeNode* node_ = nullptr;
    bool leaving_ = false;
    bool enter_ = false;  // the folder given last is to be entered
};

}  // namespace coffer
