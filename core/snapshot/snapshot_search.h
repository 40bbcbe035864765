#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/repository/chunk_source.h"
#include "core/snapshot/tree_node.h"

namespace coffer {

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
    std::function<void(FoundEntry&& entry)> found;
    std::function<void(const std::string& path, const Error&)> damaged;  // a folder, passed over
};

/// Goes through several snapshots at once, folder by folder and large ones part by part; what they
/// have in common is read once. Used by one thread.
class SnapshotSearch {
  public:
    /// `roots` are the root folders of the snapshots, oldest first. `chunks` outlives this.
    SnapshotSearch(ChunkSource& chunks, const std::vector<TreeNode>& roots, SearchCalls calls);
    ~SnapshotSearch();
    SnapshotSearch(const SnapshotSearch&) = delete;
    SnapshotSearch& operator=(const SnapshotSearch&) = delete;

    /// Looks into one folder, or into a part of a large one, and tells what it found there; false
    /// when there is no folder left.
    bool step();

  private:
    struct Folder;
    struct Frame;
    void enter(Folder folder);
    void look(Frame& frame);

    ChunkSource& chunks_;
    SearchCalls calls_;
    std::vector<std::unique_ptr<Frame>> frames_;
};

}  // namespace coffer
