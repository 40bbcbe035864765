#pragma once

#include <optional>
#include <vector>

#include "core/repository/chunk_source.h"
#include "core/snapshot/tree.h"

namespace coffer {

/// A folder in parts that fit into memory, and cut alike for folders that are to be compared: part
/// number i of 2^bits holds the entries with segmentOf(name, bits) == i. A value, used by one
/// thread.
class FolderParts {
  public:
    /// An empty folder.
    FolderParts() = default;

    /// Reads the folder's tree, of a large one only the list of its segments. Without a tree it is
    /// empty.
    FolderParts(ChunkSource& chunks, const std::optional<ChunkId>& tree);

    /// By how many bits the folder is cut as it is stored; 0 for one that is whole.
    unsigned bits() const { return segments_.bits; }

    /// The entries of a part in ascending order of names; `bits` is at least bits(). Throws what
    /// reading throws, and Error(corrupt).
    std::vector<TreeNode> part(ChunkSource& chunks, std::uint32_t number, unsigned bits) const;

    /// The chunk that holds the entries of a part, and maybe others; none when the folder is whole.
    std::optional<ChunkId> chunkOf(std::uint32_t number, unsigned bits) const;

  private:
    std::size_t segmentAt(std::uint32_t number, unsigned bits) const {
        return number >> (bits - segments_.bits);
    }

    SegmentedTree segments_;  // of a large folder
    Bytes whole_;             // of any other, as it is stored
};

}  // namespace coffer
