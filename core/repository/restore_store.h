#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/repository/pack_reader.h"
#include "core/repository/snapshot_object.h"

namespace coffer {

/// A chunk that was asked for, in the raw octets of a block.
struct PlannedChunk {
    std::uint32_t request = 0;  // its number in the request
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
};

/// A block to be fetched, with the key of this block and no other.
struct PlannedBlock {
    BlockAccess access;
    BlockPlace place;  // without the list of chunks
    std::vector<PlannedChunk> chunks;
};

/// What a restore asks of a repository, here or across a network. Safe to share between threads.
class RestoreStore {
  public:
    virtual ~RestoreStore() = default;

    /// Which blocks to fetch for these chunks, in the order in which they lie in their packs.
    /// Throws Error(notFound) naming the first id that no readable pack holds.
    virtual std::vector<PlannedBlock> plan(std::span<const ChunkId> ids) = 0;

    /// The sealed octets of a block.
    virtual Bytes fetch(const PlannedBlock& block) = 0;

    using UseSealed = std::function<void(std::span<const ByteView> sealed)>;

    /// Fetches several blocks in one go: `use` gets their sealed octets in their order, valid while
    /// it runs. False, and `use` is not called, when they have to be fetched one by one, which also
    /// tells which of them cannot be had. Throws only what ends the run (Error::endsRun), and what
    /// `use` does.
    virtual bool fetchSome(std::span<const PlannedBlock> /*blocks*/, const UseSealed& /*use*/) {
        return false;
    }
};

}  // namespace coffer
