#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/repository/chunk_source.h"
#include "core/snapshot/tree_node.h"
#include "core/snapshot/tree_walk.h"

namespace coffer {

enum class Change { added, removed, content, attributes, type };

/// "added", "removed"…
std::string_view nameOf(Change change);

/// Goes through the entries that differ between two trees, by path (in a large folder part by
/// part), in memory that depends on depth, not on size. Folders that are the same are not read. An
/// added or removed folder is given with all it holds; what became a folder, or was one, is
/// followed by all that this one holds as added or removed. Used by one thread.
///
///     SnapshotDiff diff(chunks, before, after);
///     while (diff.next()) use(diff.change(), diff.path(), diff.node());
class SnapshotDiff {
  public:
    /// The two folders themselves are not compared; paths are relative to them. `chunks` outlives
    /// this.
    SnapshotDiff(ChunkSource& chunks, const TreeNode& before, const TreeNode& after);
    ~SnapshotDiff();
    SnapshotDiff(const SnapshotDiff&) = delete;
    SnapshotDiff& operator=(const SnapshotDiff&) = delete;

    /// Goes to the next difference; false at the end. An Error means that a folder, or a part of
    /// it, cannot be read; call again to go on behind it.
    bool next();

    Change change() const { return change_; }
    const std::string& path() const { return path_; }

    /// As it is afterwards; what was removed, as it was before.
    const TreeNode& node() const { return *node_; }

  private:
    struct Frame;
    struct Pair {
        std::string path;
        TreeNode before;
        TreeNode after;
    };
    void enter();
    bool nextInWalk();
    bool nextInFrame(Frame& frame);
    bool give(const std::string& folder, Change change, TreeNode node);
    void walkLater(Change change, const TreeNode& folder);

    ChunkSource& chunks_;
    std::vector<std::unique_ptr<Frame>> frames_;
    std::optional<Pair> toEnter_;     // folders that differ, given last
    std::optional<TreeNode> toWalk_;  // a folder on one side alone, given last
    std::unique_ptr<TreeWalk> walk_;  // through it
    std::string walkPath_;
    Change walkChange_ = Change::added;  // of all in it
    Change change_ = Change::added;
    std::string path_;
    TreeNode own_;
    const TreeNode* node_ = &own_;
};

}  // namespace coffer
