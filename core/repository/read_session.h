#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/repository/repository.h"
#include "core/repository/restore_store.h"

namespace coffer {

/// The server's side of restoring and browsing. Safe to share between threads.
class ReadSession : public RestoreStore {
  public:
    explicit ReadSession(Repository& repository) : repository_(repository) {}

    std::vector<PlannedBlock> plan(std::span<const ChunkId> ids) override;

    /// The same; `each` is shown what the packs' directories say of every chunk of the plan.
    std::vector<PlannedBlock> plan(std::span<const ChunkId> ids,
                                   const std::function<void(const ChunkPlace& chunk)>& each);

    Bytes fetch(const PlannedBlock& block) override;

    /// The sealed octets of block `number` of a pack, into `out`, which has their length.
    void fetch(const PackId& pack, std::uint32_t number, std::uint64_t offset,
               std::span<std::uint8_t> out);

  private:
    std::shared_ptr<const OpenPack> tryOpen(const PackId& pack);
    ChunkLocation choose(const ChunkId& id, const std::vector<ChunkLocation>& places);

    Repository& repository_;
};

}  // namespace coffer
