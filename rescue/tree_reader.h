#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "rescue/chunk_source.h"
#include "rescue/node_reader.h"

namespace coffer::rescue {

/// Goes through the entries of a folder (docs/formats/tree.md), whether it is one tree chunk or cut
/// into segments. Entries and segments that cannot be used are reported and passed over. Holds one
/// segment at a time. Used by one thread.
class FolderReader {
  public:
    using Report = std::function<void(const std::string& line)>;

    /// Throws Error when the tree chunk cannot be read. Keeps a reference to `chunks`.
    FolderReader(ChunkSource& chunks, const ChunkId& tree, Report report);

    /// The next entry; nothing behind the last one.
    std::optional<Node> next();

    /// Octets of the segment that it holds in memory.
    std::size_t held() const { return segment_.size(); }

    /// Lets go of them; next() fetches them again.
    void release() { segment_ = {}; }

    /// Leaves out all segments but the one that `name` would be in. Called before next().
    void seek(const std::string& name);

  private:
    struct Segment {
        ChunkId chunk;
        std::uint64_t entries = 0;
    };

    void readSegments(WireReader& in);
    void openNextSegment();
    std::optional<Node> nextInSegment();
    void checkName(const std::string& name);

    ChunkSource& chunks_;
    Report report_;
    const ChunkId tree_;
    std::vector<Segment> segments_;  // of a large folder
    unsigned bits_ = 0;
    std::size_t nextSegment_ = 0;
    std::size_t endSegment_ = 0;

    // The segment that is gone through now.
    ChunkId chunk_;
    Bytes segment_;
    std::size_t offset_ = 0;
    std::uint64_t left_ = 0;  // entries
    std::string before_;      // name of the last entry
};

/// The entry `name` of a folder, or nothing. Throws Error when that part of the folder is damaged.
std::optional<Node> findEntry(ChunkSource& chunks, const Node& folder, const std::string& name);

/// The node at an absolute path below `root`. Throws Error(notFound) naming the part that is not
/// there.
Node nodeAt(ChunkSource& chunks, const Node& root, const std::string& path);

}  // namespace coffer::rescue
