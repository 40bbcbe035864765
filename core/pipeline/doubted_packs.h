#pragma once

#include <set>
#include <utility>
#include <vector>

#include "core/base/cancel.h"
#include "core/base/error.h"
#include "core/base/guarded.h"
#include "core/repository/repository.h"
#include "core/repository/restore_store.h"

namespace coffer {

/// Remembers which packs a reader has counted on, so that they can be looked at when what came out
/// was not what it should be: as long as nobody notes a damaged pack, backups count on it, too.
/// Safe to share between threads.
class DoubtedPacks : public RestoreStore {
  public:
    /// Both outlive it; `inner` reads from the repository.
    DoubtedPacks(Repository& repository, RestoreStore& inner)
        : repository_(repository), inner_(inner) {}

    std::vector<PlannedBlock> plan(std::span<const ChunkId> ids) override;
    Bytes fetch(const PlannedBlock& block) override { return inner_.fetch(block); }
    bool fetchSome(std::span<const PlannedBlock> blocks, const UseSealed& use) override {
        return inner_.fetchSome(blocks, use);
    }

    /// Reads each of them whole; those that are damaged become suspect, so that the next backup
    /// stores their chunks again, and are given with what is wrong. Nothing where the repository is
    /// only read. Throws Error(cancelled).
    std::vector<std::pair<PackId, Error>> check(const CancelToken& cancel);

  private:
    Repository& repository_;
    RestoreStore& inner_;
    Guarded<std::set<PackId>> packs_;
};

}  // namespace coffer
