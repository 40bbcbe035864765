#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/chunk/chunk_id.h"
#include "core/repository/manifest_log.h"
#include "core/repository/pack_directory.h"

namespace coffer {

/// Where a chunk lies.
struct ChunkLocation {
    PackId pack;
    std::uint32_t block = 0;
    std::uint32_t slot = 0;  // number of the chunk in its block
};

/// Which pack holds which chunk: a cache that can be rebuilt from the packs. Ids are looked up by
/// their first 16 octets; who reads compares the whole id. Safe to share between threads.
class ChunkIndex {
  public:
    virtual ~ChunkIndex() = default;

    /// Enters a pack's chunks, all or nothing, and notes the generation this brings the index to.
    virtual void add(const PackId& pack, const PackDirectory& directory,
                     std::uint64_t generation) = 0;

    /// Takes a pack's chunks out, all or nothing.
    virtual void remove(const PackId& pack, std::uint64_t generation) = 0;

    /// For each id every place it is known at, in the order of the packs' entering.
    virtual std::vector<std::vector<ChunkLocation>> find(std::span<const ChunkId> ids) = 0;

    virtual std::uint64_t chunkCount() = 0;

    /// The manifest sequence up to which packs have been entered; 0 for an empty index.
    virtual std::uint64_t generation() = 0;
    virtual void setGeneration(std::uint64_t generation) = 0;

    /// Forgets everything.
    virtual void clear() = 0;
};

}  // namespace coffer
