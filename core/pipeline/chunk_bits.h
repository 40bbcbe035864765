#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/repository/chunk_index.h"

namespace coffer {

/// Numbers the places of chunks, pack after pack, and keeps two bits for each: needed, and looked
/// into (what it refers to is marked). 2 bits for a place, 4 octets for a block and some 150 for a
/// pack: 3 MB for 10 million chunks of small files, 45 MB when each has a block of its own. A
/// value; used by one thread at a time.
class ChunkBits {
  public:
    struct Pack {
        PackId id;
        std::uint64_t first = 0;             // number of its first place
        std::vector<std::uint32_t> blockAt;  // of each block and behind the last: places before it
        std::uint32_t needed = 0;            // places
        std::uint32_t unseen = 0;            // of these, not looked into
        bool refers = false;                 // holds trees or lists
        bool lists = false;

        std::uint32_t places() const { return blockAt.back(); }
    };
    using PackNumber = std::size_t;

    /// Numbers a pack's places; a known pack stays as it is.
    PackNumber add(const PackId& id, const PackDirectory& directory);

    const std::vector<Pack>& packs() const { return packs_; }
    std::optional<PackNumber> find(const PackId& id) const;

    /// Whether the pack has such a place.
    bool covers(PackNumber pack, const ChunkLocation& place) const;

    /// False when it was needed already. The place is covered.
    bool need(PackNumber pack, std::uint32_t block, std::uint32_t slot);
    bool isNeeded(PackNumber pack, std::uint32_t block, std::uint32_t slot) const;

    /// True the first time for a needed place.
    bool lookInto(PackNumber pack, std::uint32_t block, std::uint32_t slot);

    void needAll(PackNumber pack);  // and looked into
    void needNothing(PackNumber pack);

  private:
    std::uint64_t bitOf(PackNumber pack, std::uint32_t block, std::uint32_t slot) const {
        return packs_[pack].first + packs_[pack].blockAt[block] + slot;
    }

    std::vector<Pack> packs_;
    std::unordered_map<PackId, PackNumber, IdHash> numbers_;
    std::vector<bool> needed_;
    std::vector<bool> seen_;
};

}  // namespace coffer
