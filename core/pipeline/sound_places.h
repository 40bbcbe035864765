#pragma once

#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/repository/chunk_index.h"

namespace coffer {

/// Which places of chunks are sound: all those in sound packs, and in damaged packs those in blocks
/// that can still be read. A value.
class SoundPlaces {
  public:
    void addPack(const PackId& pack) { packs_.insert(pack); }
    void addBlocks(const PackId& pack, std::span<const std::uint32_t> blocks) {
        if (!blocks.empty()) blocks_[pack].insert(blocks.begin(), blocks.end());
    }

    bool isSound(const PackId& pack) const { return packs_.contains(pack); }

    /// Some of it can be read.
    bool isReadable(const PackId& pack) const { return isSound(pack) || blocks_.contains(pack); }

    bool holds(const ChunkLocation& place) const {
        if (isSound(place.pack)) return true;
        const auto damaged = blocks_.find(place.pack);
        return damaged != blocks_.end() && damaged->second.contains(place.block);
    }
    bool anyOf(const std::vector<ChunkLocation>& places) const;

    /// The same, but in sound packs only: there it is safe when the damaged ones go.
    bool anyInSoundPack(const std::vector<ChunkLocation>& places) const;

  private:
    std::unordered_set<PackId, IdHash> packs_;
    std::unordered_map<PackId, std::unordered_set<std::uint32_t>, IdHash> blocks_;
};

}  // namespace coffer
