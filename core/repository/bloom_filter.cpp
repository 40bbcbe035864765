#include "core/repository/bloom_filter.h"

namespace coffer {

namespace {

constexpr std::uint64_t bitsPerKey = 10;
constexpr int probes = 7;
constexpr unsigned lineBits = 9;  // 512 bits in a line

std::uint64_t bigEndian(const std::uint8_t* octets) {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | octets[i];
    return value;
}

// Seven times nine bits of the key's second half.
template <class Probe>
bool eachProbe(const IndexKey& key, Probe&& probe) {
    std::uint64_t hash = bigEndian(key.bytes.data() + 8);
    for (int i = 0; i < probes; ++i, hash >>= lineBits) {
        const auto bit = static_cast<unsigned>(hash) & ((1U << lineBits) - 1);
        if (!probe(bit / 64, std::uint64_t{1} << (bit % 64))) return false;
    }
    return true;
}

}  // namespace

BloomFilter::BloomFilter(std::uint64_t keys) : lines_((keys * bitsPerKey >> lineBits) + 1) {}

BloomFilter BloomFilter::ofOctets(std::size_t octets) {
    BloomFilter filter;
    filter.lines_.resize(octets / lineOctets);
    return filter;
}

// Ascending with the key, so that sorted keys fill the filter from front to back.
std::size_t BloomFilter::lineOf(const IndexKey& key) const {
    const std::uint64_t top = bigEndian(key.bytes.data()) >> 32;
    return static_cast<std::size_t>(top * lines_.size() >> 32);
}

void BloomFilter::add(const IndexKey& key) {
    Line& line = lines_[lineOf(key)];
    eachProbe(key, [&](unsigned word, std::uint64_t bit) {
        line[word] |= bit;
        return true;
    });
}

bool BloomFilter::mayContain(const IndexKey& key) const {
    if (lines_.empty()) return false;
    const Line& line = lines_[lineOf(key)];
    return eachProbe(key,
                     [&](unsigned word, std::uint64_t bit) { return (line[word] & bit) != 0; });
}

ByteView BloomFilter::octets() const {
    return {reinterpret_cast<const std::uint8_t*>(lines_.data()), lines_.size() * sizeof(Line)};
}

std::span<std::uint8_t> BloomFilter::octets() {
    return {reinterpret_cast<std::uint8_t*>(lines_.data()), lines_.size() * sizeof(Line)};
}

}  // namespace coffer
