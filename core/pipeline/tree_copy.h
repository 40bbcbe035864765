#pragma once

#include <memory>
#include <vector>

#include "core/pipeline/chunk_sink.h"
#include "core/pipeline/copy_job.h"
#include "core/snapshot/tree.h"

namespace coffer {

/// Rewrites the trees and contents of a snapshot for another repository, leaves first: a loop, for
/// trees can be deeper than stacks. Used by one thread.
class TreeCopy {
  public:
    struct Parts {
        ChunkSource& chunks;
        ChunkSink& sink;
        const CopyTarget& target;
        SnapshotId copy;  // what it becomes part of
        const CopyPace& pace;
        RunProgress& progress;
        const CancelToken& cancel;
    };

    /// All parts outlive it.
    explicit TreeCopy(const Parts& parts) : parts_(parts) {}

    /// The folder with all below it; gives its tree there.
    ChunkId copy(const ChunkId& tree);

    /// The streams of a node, and its content.
    void copyContents(TreeNode& node);

  private:
    /// A folder under way: the part of it that is being rewritten.
    struct Frame {
        ChunkId source;               // its tree
        SegmentedTree large;          // of a large folder, as it is
        SegmentedTree copied;         // and as it becomes
        std::vector<TreeNode> nodes;  // of this part
        std::size_t at = 0;           // the next of them
        std::unique_ptr<TreeEncoder> encoder;
        std::vector<ChunkId> references;
    };

    void enter(const ChunkId& tree);
    void enterSegment(Frame& frame);
    std::optional<ChunkId> finishPart(Frame& frame);
    void add(Frame& frame);
    std::optional<ChunkId> knownTree(const ChunkId& tree);
    std::optional<Content> knownContent(const Digest& key);
    Content copied(const Content& content);
    Content readAnew(const Content& content);
    std::optional<SnapshotId> presentCopy(const CopyMap::Found& found) const;

    const Parts parts_;
    std::vector<std::unique_ptr<Frame>> frames_;
    std::uint64_t flushedAt_ = 0;  // octets that had been read then
};

}  // namespace coffer
