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
    std::size_t at = parameters_.minimumSize;
    for (; at < normal; ++at) {
        hash = (hash << 1) + gear_[data[at]];
        if ((hash & strictMask_) == 0) return at + 1;
    }
    for (; at < end; ++at) {
        hash = (hash << 1) + gear_[data[at]];
        if ((hash & relaxedMask_) == 0) return at + 1;
    }
    return end;
}

}  // namespace coffer
