#include "core/pipeline/chunk_bits.h"

namespace coffer {

ChunkBits::PackNumber ChunkBits::add(const PackId& id, const PackDirectory& directory) {
    const auto [known, isNew] = numbers_.try_emplace(id, packs_.size());
    if (!isNew) return known->second;
    Pack pack;
    pack.id = id;
    pack.first = needed_.size();
    pack.blockAt.reserve(directory.blocks.size() + 1);
    std::uint32_t places = 0;
    for (const BlockPlace& block : directory.blocks) {
        pack.blockAt.push_back(places);
        places += static_cast<std::uint32_t>(block.chunks.size());
        pack.refers = pack.refers || block.kind != ChunkKind::data;
        pack.lists = pack.lists || block.kind == ChunkKind::list;
    }
    pack.blockAt.push_back(places);
    needed_.resize(needed_.size() + places);
    seen_.resize(needed_.size());
    packs_.push_back(std::move(pack));
    return known->second;
}

std::optional<ChunkBits::PackNumber> ChunkBits::find(const PackId& id) const {
    const auto known = numbers_.find(id);
    if (known == numbers_.end()) return {};
    return known->second;
}

bool ChunkBits::covers(PackNumber pack, const ChunkLocation& place) const {
    const auto& at = packs_[pack].blockAt;
    return place.block + std::size_t{1} < at.size() &&
           place.slot < at[place.block + 1] - at[place.block];
}

bool ChunkBits::need(PackNumber pack, std::uint32_t block, std::uint32_t slot) {
    const std::uint64_t bit = bitOf(pack, block, slot);
    if (needed_[bit]) return false;
    needed_[bit] = true;
    ++packs_[pack].needed;
    if (!seen_[bit]) ++packs_[pack].unseen;
    return true;
}

bool ChunkBits::isNeeded(PackNumber pack, std::uint32_t block, std::uint32_t slot) const {
    return needed_[bitOf(pack, block, slot)];
}

bool ChunkBits::lookInto(PackNumber pack, std::uint32_t block, std::uint32_t slot) {
    const std::uint64_t bit = bitOf(pack, block, slot);
    if (!needed_[bit] || seen_[bit]) return false;
    seen_[bit] = true;
    --packs_[pack].unseen;
    return true;
}

void ChunkBits::needAll(PackNumber pack) {
    Pack& it = packs_[pack];
    for (std::uint64_t bit = it.first; bit < it.first + it.places(); ++bit) {
        needed_[bit] = true;
        seen_[bit] = true;
    }
    it.needed = it.places();
    it.unseen = 0;
}

void ChunkBits::needNothing(PackNumber pack) {
    Pack& it = packs_[pack];
    for (std::uint64_t bit = it.first; bit < it.first + it.places(); ++bit) {
        needed_[bit] = false;
        seen_[bit] = false;
    }
    it.needed = 0;
    it.unseen = 0;
}

}  // namespace coffer
