#include "core/repository/id_filter.h"

#include <cstring>

namespace coffer {

namespace {

constexpr std::size_t bitCount = std::size_t{1} << 27;  // 16 MiB
constexpr std::size_t probes = 6;

// Ids are uniformly spread, so six of their 32-bit words are six hash values.
std::size_t bitOf(const ChunkId& id, std::size_t probe) {
    std::uint32_t word;
    std::memcpy(&word, id.bytes.data() + probe * sizeof word, sizeof word);
    return word % bitCount;
}

}  // namespace

void IdFilter::add(const ChunkId& id) {
    if (words_.empty()) words_.resize(bitCount / 64);
    for (std::size_t probe = 0; probe < probes; ++probe) {
        const std::size_t bit = bitOf(id, probe);
        words_[bit / 64] |= std::uint64_t{1} << (bit % 64);
    }
}

bool IdFilter::mayContain(const ChunkId& id) const {
    if (words_.empty()) return false;
    for (std::size_t probe = 0; probe < probes; ++probe) {
        const std::size_t bit = bitOf(id, probe);
        if ((words_[bit / 64] >> (bit % 64) & 1) == 0) return false;
    }
    return true;
}

}  // namespace coffer
