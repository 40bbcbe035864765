#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/base/cancel.h"
#include "core/chunk/chunk_id.h"
#include "core/repository/chunk_source.h"
#include "core/snapshot/tree_node.h"
#include "core/source/data_source.h"

namespace coffer {

/// Compares entries of a source with what a snapshot says of them: attributes, and content by the
/// ids of its chunks, computed anew. Used by one thread.
class EntryCheck {
  public:
    /// `source` shows what was restored, `chunks` the snapshot; all outlive it. Owners are compared
    /// when `owners` says so.
    EntryCheck(DataSource& source, ChunkSource& chunks, const DomainKey& domain, bool owners,
               const CancelToken& cancel)
        : source_(source), chunks_(chunks), hasher_(domain), owners_(owners), cancel_(cancel) {}

    /// Whether the entry is at this absolute path.
    bool exists(const std::string& path);

    /// What is different about it: "mode", "attribute user.x"…; empty when nothing is. Times of
    /// birth and change and inode flags are not compared. Throws what reading throws.
    std::string attributeDifference(const std::string& path, const TreeNode& node);

    /// Reads a file whole; throws Error(corrupt) at the first stretch that is not what the snapshot
    /// says. Gives the octets read.
    std::uint64_t checkContent(const std::string& path, const TreeNode& node);

  private:
    struct Found {
        Folder* folder = nullptr;
        Stat stat;
    };
    std::optional<Found> find(const std::string& path);
    std::string xattrDifference(const TreeNode& node, const Details& details);
    void checkChunk(FileReader& reader, std::uint64_t offset, const Extent& extent);
    void checkHole(FileReader& reader, std::uint64_t offset, std::uint64_t length);
    ByteView readExactly(FileReader& reader, std::uint64_t offset, std::size_t length);

    DataSource& source_;
    ChunkSource& chunks_;
    ChunkHasher hasher_;
    const bool owners_;
    const CancelToken& cancel_;
    std::string openPath_;  // of folder_
    std::unique_ptr<Folder> folder_;
    std::map<HardLinkGroup, HardLinkGroup> groups_;  // of the snapshot, and where they are now
    Bytes buffer_;
};

}  // namespace coffer
