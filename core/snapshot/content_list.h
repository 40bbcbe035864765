#pragma once

#include <functional>
#include <vector>

#include "core/repository/chunk_source.h"
#include "core/snapshot/tree_node.h"

namespace coffer {

/// What a list chunk holds: extents (depth 0), or lists with the lengths they cover.
struct ContentList {
    std::uint8_t depth = 0;
    std::vector<Extent> items;  // at depth > 0 each `chunk` is a list of depth-1

    Bytes encode() const;
    static ContentList decode(ByteView data);  // Error(corrupt), (unsupported)
};

/// Collects a content's extents; what does not fit a node goes into list chunks, several levels of
/// them where needed, so memory stays bounded for a file of any size. Used by one thread.
class ContentBuilder {
  public:
    /// Stores a list chunk that refers to these chunks, and gives its id.
    using StoreList = std::function<ChunkId(Bytes list, std::vector<ChunkId> references)>;

    explicit ContentBuilder(StoreList store) : store_(std::move(store)) {}

    /// Adds the next stretch; a hole that follows a hole is joined to it.
    void add(Extent extent);
    Content finish();

    std::uint64_t length() const { return length_; }

  private:
    void spill(std::size_t depth);

    StoreList store_;
    std::vector<std::vector<Extent>> levels_{1};
    std::uint64_t length_ = 0;
};

/// Calls `each(offset, extent)` for all extents of a content in order, looking into its lists.
/// `each` returns false to stop. What ends at or before `from` is passed over, whole lists of it
/// without reading them. Throws what reading throws, and Error(corrupt) when lengths or depths do
/// not add up.
void forEachExtent(const Content& content, ChunkSource& chunks,
                   const std::function<bool(std::uint64_t offset, const Extent&)>& each,
                   std::uint64_t from = 0);

/// Fills `out` with a file's content from `offset` on; holes are zeros. Throws Error(corrupt) when
/// the content ends before.
void readContent(const Content& content, ChunkSource& chunks, std::uint64_t offset,
                 std::span<std::uint8_t> out);

}  // namespace coffer
