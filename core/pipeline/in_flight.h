#pragma once

#include <unordered_set>

#include "core/base/guarded.h"
#include "core/repository/pack_directory.h"

namespace coffer {

/// The chunks that this run is about to store or has sent in packs that are not registered yet, so
/// that no chunk is stored twice before the index knows it. Safe to share.
class InFlight {
  public:
    /// True for the first who claims an id that is not in flight: it has to ask and to store.
    bool claim(const ChunkId& id) {
        return ids_.with([&](auto& ids) { return ids.insert(id).second; });
    }

    /// The repository had it after all.
    void release(const ChunkId& id) {
        ids_.with([&](auto& ids) { ids.erase(id); });
    }

    /// The pack is registered: from now on the index answers for its chunks.
    void release(const PackDirectory& pack) {
        ids_.with([&](auto& ids) {
            for (const BlockPlace& block : pack.blocks) {
                for (const ChunkPlace& chunk : block.chunks) ids.erase(chunk.id);
            }
        });
    }

  private:
    Guarded<std::unordered_set<ChunkId, IdHash>> ids_;
};

}  // namespace coffer
