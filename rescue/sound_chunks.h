#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/chunk/chunk_id.h"

namespace coffer::rescue {

/// The chunks that a check found in order, 24 octets for each. Used by one thread.
class SoundChunks {
  public:
    void add(std::uint16_t domain, ChunkKind kind, const ChunkId& id, std::uint32_t length);

    /// Ends adding and begins asking.
    void sort();

    /// The length of a chunk; nothing when it is not there.
    std::optional<std::uint32_t> lengthOf(std::uint16_t domain, ChunkKind kind,
                                          const ChunkId& id) const;

    /// Marks a chunk; true the first time. A chunk that is not there is never marked.
    bool markFirst(std::uint16_t domain, ChunkKind kind, const ChunkId& id);

  private:
    struct Row {
        std::array<std::uint8_t, 16> prefix;  // long enough that nobody finds two alike
        std::uint32_t length;
        std::uint16_t domain;
        ChunkKind kind;
    };

    static bool before(const Row& a, const Row& b);
    std::size_t find(std::uint16_t domain, ChunkKind kind, const ChunkId& id) const;

    std::vector<Row> rows_;
    std::vector<bool> marked_;
};

}  // namespace coffer::rescue
