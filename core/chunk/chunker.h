#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.h"

namespace coffer {

/// Sizes in octets; averageSize is a power of two, minimum < average < maximum <= 8 MiB.
struct ChunkerParameters {
    std::uint32_t minimumSize = 256 * 1024;
    std::uint32_t averageSize = 1024 * 1024;
    std::uint32_t maximumSize = 4 * 1024 * 1024;

    bool operator==(const ChunkerParameters&) const = default;

    /// Throws Error(corrupt) unless the rules above hold; for parameters read from outside.
    void check() const;
};

/// Secret of a dedup domain that decides where cuts fall, so that the sizes of chunks give no
/// known file away.
using ChunkerSeed = std::array<std::uint8_t, 32>;

/// Cuts content where its own bytes say so: FastCDC with normalised chunking (Xia et al.,
/// "FastCDC", USENIX ATC 2016), gear table drawn from the seed. Immutable, safe to share.
class Chunker {
  public:
    Chunker(const ChunkerParameters& parameters, const ChunkerSeed& seed);

    /// Length of the first chunk of `data`, which is either the rest of the content or at least
    /// maximumSize octets of it. 0 only for empty data. Depends on nothing before `data`.
    std::size_t cut(ByteView data) const;

    const ChunkerParameters& parameters() const { return parameters_; }

  private:
    ChunkerParameters parameters_;
    std::uint64_t strictMask_;   // before the average size: cuts are rarer
    std::uint64_t relaxedMask_;  // behind it: more likely
    std::array<std::uint64_t, 256> gear_;
};

}  // namespace coffer
