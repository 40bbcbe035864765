#include "core/chunk/chunker.h"

#include <algorithm>
#include <bit>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/wire.h"

namespace coffer {

namespace {

constexpr std::uint32_t largestChunk = 8 * 1024 * 1024;
constexpr int normalisation = 2;  // bits by which the masks differ from the average

// The gear hash shifts left, so its high bits depend on the last 64 octets: the mask takes them.
std::uint64_t highBits(int count) {
    return ~std::uint64_t{0} << (64 - count);
}

// The first position from `at` on whose hash has no bit of the mask, else the size. Each hash
// follows from the one before; taking two octets into it at a time keeps the processor from
// waiting for every one of them.
std::size_t seek(ByteView data, std::size_t at, const std::array<std::uint64_t, 256>& gear,
                 std::uint64_t mask, std::uint64_t& hash) {
    for (; data.size() - at >= 4; at += 4) {
        const std::uint64_t first = gear[data[at]];
        const std::uint64_t second = gear[data[at + 1]];
        const std::uint64_t third = gear[data[at + 2]];
        const std::uint64_t fourth = gear[data[at + 3]];
        const std::uint64_t afterFirst = (hash << 1) + first;
        const std::uint64_t afterSecond = (hash << 2) + ((first << 1) + second);
        const std::uint64_t afterThird = (afterSecond << 1) + third;
        hash = (afterSecond << 2) + ((third << 1) + fourth);
        if ((afterFirst & mask) == 0) return at;
        if ((afterSecond & mask) == 0) return at + 1;
        if ((afterThird & mask) == 0) return at + 2;
        if ((hash & mask) == 0) return at + 3;
    }
    for (; at < data.size(); ++at) {
        hash = (hash << 1) + gear[data[at]];
        if ((hash & mask) == 0) return at;
    }
    return at;
}

}  // namespace

void ChunkerParameters::check() const {
    if (!std::has_single_bit(averageSize) || minimumSize < 64 || minimumSize >= averageSize ||
        averageSize >= maximumSize || maximumSize > largestChunk) {
        throw Error(ErrorCode::corrupt, "chunker parameters out of range");
    }
}

Chunker::Chunker(const ChunkerParameters& parameters, const ChunkerSeed& seed)
    : parameters_(parameters) {
    parameters_.check();
    const int bits = std::countr_zero(parameters_.averageSize);
    strictMask_ = highBits(bits + normalisation);
    relaxedMask_ = highBits(bits - normalisation);
    for (std::uint32_t i = 0; i < gear_.size(); ++i) {
        WireWriter input;
        input.raw(seed);
        input.u32(i);
        gear_[i] = WireReader(sha256(input.bytes()).view()).u64();
    }
}

std::size_t Chunker::cut(ByteView data) const {
    const std::size_t size = data.size();
    if (size <= parameters_.minimumSize) return size;
    const std::size_t end = std::min<std::size_t>(size, parameters_.maximumSize);
    const std::size_t normal = std::min<std::size_t>(end, parameters_.averageSize);
    std::uint64_t hash = 0;
    std::size_t at = seek(data.first(normal), parameters_.minimumSize, gear_, strictMask_, hash);
    if (at == normal) at = seek(data.first(end), normal, gear_, relaxedMask_, hash);
    return std::min(at + 1, end);
}

}  // namespace coffer
