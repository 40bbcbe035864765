#pragma once

#include "core/base/bytes.h"
#include "core/chunk/chunk_id.h"

namespace coffer::rescue {

constexpr std::size_t chunkLimit = 16 * 1024 * 1024;

/// Gives the chunks of one dedup domain. Used by one thread.
class ChunkSource {
  public:
    virtual ~ChunkSource() = default;

    /// The octets of a chunk, checked against its id; at most chunkLimit. Throws Error when no
    /// undamaged place of it is left.
    virtual Bytes read(const ChunkId& id, ChunkKind kind) = 0;
};

}  // namespace coffer::rescue
