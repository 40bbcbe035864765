#include "rescue/sound_chunks.h"

#include <algorithm>
#include <tuple>

namespace coffer::rescue {

namespace {

std::array<std::uint8_t, 16> prefixOf(const ChunkId& id) {
    std::array<std::uint8_t, 16> prefix;
    std::copy_n(id.bytes.begin(), prefix.size(), prefix.begin());
    return prefix;
}

}  // namespace

void SoundChunks::add(std::uint16_t domain, ChunkKind kind, const ChunkId& id,
                      std::uint32_t length) {
    rows_.push_back({prefixOf(id), length, domain, kind});
}

void SoundChunks::sort() {
    std::sort(rows_.begin(), rows_.end(), before);
    marked_.assign(rows_.size(), false);
}

bool SoundChunks::before(const Row& a, const Row& b) {
    return std::tie(a.prefix, a.domain, a.kind) < std::tie(b.prefix, b.domain, b.kind);
}

std::size_t SoundChunks::find(std::uint16_t domain, ChunkKind kind, const ChunkId& id) const {
    const Row wanted{prefixOf(id), 0, domain, kind};
    const auto row = std::lower_bound(rows_.begin(), rows_.end(), wanted, before);
    if (row == rows_.end() || before(wanted, *row)) return rows_.size();
    return static_cast<std::size_t>(row - rows_.begin());
}

std::optional<std::uint32_t> SoundChunks::lengthOf(std::uint16_t domain, ChunkKind kind,
                                                   const ChunkId& id) const {
    const auto place = find(domain, kind, id);
    if (place == rows_.size()) return std::nullopt;
    return rows_[place].length;
}

bool SoundChunks::markFirst(std::uint16_t domain, ChunkKind kind, const ChunkId& id) {
    const auto place = find(domain, kind, id);
    if (place == rows_.size() || marked_[place]) return false;
    marked_[place] = true;
    return true;
}

}  // namespace coffer::rescue
