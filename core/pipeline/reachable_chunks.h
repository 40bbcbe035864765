#pragma once

#include <functional>
#include <set>

#include "core/base/cancel.h"
#include "core/pipeline/chunk_bits.h"
#include "core/repository/repository.h"

namespace coffer {

/// Which places of chunks are needed: what snapshots and the pinned bases of running sessions lead
/// to, over the references in pack directories (the metadata key alone). Of a chunk that lies in
/// verified packs one place is needed, the newest; of one that lies in none, every place: nobody
/// has proved yet that they hold it. Memory: ChunkBits, one directory, and what that refers to; no
/// recursion. A value that can be copied; used by one thread at a time.
class ReachableChunks {
  public:
    /// Looks at nothing yet. Both outlive it.
    ReachableChunks(Repository& repository, const CancelToken& cancel)
        : repository_(&repository), cancel_(&cancel) {}

    /// Takes in the packs registered and marks what was committed or pinned since the last call.
    /// Throws Error(corrupt) when something needed is in no pack that can be read.
    void catchUp();

    /// A list is taken over by its id alone, so whoever may still be told that it is there counts
    /// on all below it: marks that for the lists in every pack but those that `goes` names, which
    /// is asked again after each change. The lists themselves do not become needed.
    void holdLists(const std::function<bool(const ChunkBits::Pack&)>& goes);

    const ChunkBits& bits() const { return bits_; }

    /// All that is in a new pack was copied because it is needed.
    void needAll(const PackId& pack);

    /// All that was needed of a pack has been copied.
    void needNothing(const PackId& pack);

  private:
    void number();
    void need(std::vector<ChunkId> ids, bool strict);
    bool needAt(const std::vector<ChunkLocation>& places);
    void needPlace(ChunkBits::PackNumber pack, const ChunkLocation& place);
    void follow(bool strict);
    std::vector<ChunkId> referencesIn(ChunkBits::PackNumber pack);
    std::vector<ChunkId> belowUnneededLists(ChunkBits::PackNumber pack);

    Repository* repository_;
    const CancelToken* cancel_;
    ChunkBits bits_;
    std::uint64_t numberedTo_ = 0;             // manifest sequence
    std::set<ChunkId> roots_;                  // marked
    std::set<ChunkBits::PackNumber> pending_;  // hold what is to be looked into
    std::set<ChunkBits::PackNumber> held_;     // their lists were looked into
};

}  // namespace coffer
