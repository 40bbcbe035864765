#pragma once

#include <compare>
#include <cstdint>
#include <cstring>
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
    std::uint32_t slot = 0;   // number of the chunk in its block
    std::uint32_t check = 0;  // of the others, by seal()

    auto operator<=>(const IndexEntry&) const = default;

    /// A prune believes the place that an entry names, so octets that went bad in a file must not
    /// pass for one.
    void seal() { check = sum(); }
    bool isSound() const { return check == sum(); }

  private:
    /// FNV-1a (Fowler, Noll, Vo), 64 bits by words of 32, folded: differs whenever one word does
    /// but for one time in four billion.
    std::uint32_t sum() const {
        std::uint32_t words[sizeof(IndexKey::bytes) / 4 + 3];
        std::memcpy(words, key.bytes.data(), key.bytes.size());
        words[4] = pack;
        words[5] = block;
        words[6] = slot;
        std::uint64_t hash = 0xcbf29ce484222325;
        for (const std::uint32_t word : words) hash = (hash ^ word) * 0x100000001b3;
        return static_cast<std::uint32_t>(hash ^ hash >> 32);
    }
};
static_assert(sizeof(IndexEntry) == 32 && std::is_trivially_copyable_v<IndexEntry>);

}  // namespace coffer
