#pragma once

#include <memory>

#include "core/base/bytes.h"
#include "core/base/digest.h"

namespace coffer {

/// What a chunk holds. The numbers stand in the formats and enter the id.
enum class ChunkKind : std::uint8_t {
    data = 1,  // content of files
    tree = 2,  // a folder, or a segment of one
    list = 3   // the chunks of a large file
};

/// Name of a chunk inside its dedup domain: HMAC-SHA-256(domain key, kind octet || content)
/// (RFC 2104). Tells nothing to whoever lacks the key.
using ChunkId = Id<32, struct ChunkIdTag>;

/// Secret of a dedup domain.
using DomainKey = std::array<std::uint8_t, 32>;

/// Computes ids under one key. Used by one thread; cheap to reuse.
class ChunkHasher {
  public:
    explicit ChunkHasher(const DomainKey& key);
    ChunkId id(ChunkKind kind, ByteView content);

  private:
    struct Deleter {
        void operator()(void* context) const;
    };
    std::unique_ptr<void, Deleter> context_;
};

}  // namespace coffer
