#pragma once

#include <compare>
#include <cstdint>
#include <type_traits>

#include "core/chunk/chunk_id.h"

namespace coffer {

/// What a chunk is looked up by: the first octets of its id.
using IndexKey = Id<16, struct IndexKeyTag>;

inline IndexKey keyOf(const ChunkId& id) {
    return IndexKey::from(id.view().first(sizeof(IndexKey::bytes)));
}

/// A chunk in a pack, in memory as in the files of the index. Ordered by key, then pack.
struct IndexEntry {
    IndexKey key;
    std::uint32_t pack = 0;  // number, in the order of the packs' entering
    std::uint32_t block = 0;
    std::uint32_t slot = 0;  // number of the chunk in its block

    auto operator<=>(const IndexEntry&) const = default;
};
static_assert(sizeof(IndexEntry) == 28 && std::is_trivially_copyable_v<IndexEntry>);

}  // namespace coffer
