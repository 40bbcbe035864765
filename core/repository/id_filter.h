#pragma once

#include <cstdint>
#include <vector>

#include "core/chunk/chunk_id.h"

namespace coffer {

/// A set of ids in bounded memory (Bloom, "Space/Time Trade-offs in Hash Coding", 1970): never
/// forgets one that was added; may claim one that was not, 7 in 10,000 at 8 million ids.
/// Used by one thread at a time.
class IdFilter {
  public:
    void add(const ChunkId& id);
    bool mayContain(const ChunkId& id) const;

  private:
    std::vector<std::uint64_t> words_;  // allocated with the first id
};

}  // namespace coffer
