#pragma once

#include "core/repository/repository.h"
#include "core/repository/restore_store.h"

namespace coffer {

/// The server's side of restoring and browsing. Safe to share between threads.
class ReadSession : public RestoreStore {
  public:
    explicit ReadSession(Repository& repository) : repository_(repository) {}

    std::vector<PlannedBlock> plan(std::span<const ChunkId> ids) override;
    Bytes fetch(const PlannedBlock& block) override;

  private:
    std::shared_ptr<const OpenPack> tryOpen(const PackId& pack);
    ChunkLocation choose(const ChunkId& id, const std::vector<ChunkLocation>& places);

    Repository& repository_;
};

}  // namespace coffer
