#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/bytes.h"
#include "core/repository/index_entry.h"

namespace coffer {

/// A set of keys that never forgets one and claims about 1 in 100 that were not added. All bits of
/// a key lie in one cache line (Putze, Sanders, Singler, "Cache-, Hash- and Space-Efficient Bloom
/// Filters", 2007). Keys are uniformly spread; who chooses them otherwise only makes it claim more.
/// Used by one thread while it is filled, safe to share afterwards.
class BloomFilter {
  public:
    BloomFilter() = default;

    /// Room for so many keys, at ten bits each.
    explicit BloomFilter(std::uint64_t keys);

    void add(const IndexKey& key);
    bool mayContain(const IndexKey& key) const;

    /// An empty filter of so many octets, a multiple of `lineOctets`, for its octets to be read in.
    static BloomFilter ofOctets(std::size_t octets);
    static constexpr std::size_t lineOctets = 64;

    // The filter as octets, in the byte order of the machine.
    ByteView octets() const;
    std::span<std::uint8_t> octets();

  private:
    using Line = std::array<std::uint64_t, lineOctets / 8>;
    std::size_t lineOf(const IndexKey& key) const;

    std::vector<Line> lines_;
};

}  // namespace coffer
