#pragma once

#include <map>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/repository/chunk_source.h"

namespace coffer {

/// Chunks in memory, named by their SHA-256. Counts what is read.
class MemoryChunks : public ChunkSource {
  public:
    ChunkId add(const Bytes& content) {
        const ChunkId id = ChunkId::from(sha256(content).view());
        chunks_[id] = content;
        return id;
    }

    Bytes read(const ChunkId& id) override {
        ++reads_;
        const auto found = chunks_.find(id);
        if (found == chunks_.end()) throw Error(ErrorCode::notFound, "no chunk " + id.hex());
        return found->second;
    }

    std::size_t size() const { return chunks_.size(); }
    std::size_t reads() const { return reads_; }

  private:
    std::map<ChunkId, Bytes> chunks_;
    std::size_t reads_ = 0;
};

/// An id with this number in it.
inline ChunkId chunkNumber(std::uint64_t number) {
    ChunkId id;
    for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
    id.bytes[31] = 1;
    return id;
}

}  // namespace coffer
