#pragma once

#include <unordered_set>
#include <vector>

#include "core/repository/id_filter.h"

namespace coffer::rpc {

/// Ids that may be asked for, in bounded memory: exact for the first 65,536, then filters of 16 MiB
/// for 8 million ids each, sixteen of them at most. An id that is in was never refused; one that is
/// not may be taken for one, 1 in 100 once there are 128 million. Nobody can make ids up: they are
/// keyed hashes. Used by one thread at a time.
class ReachableIds {
  public:
    void add(const ChunkId& id);
    bool contains(const ChunkId& id) const;

  private:
    std::unordered_set<ChunkId, IdHash> exact_;
    std::vector<IdFilter> filters_;
    std::size_t inLast_ = 0;  // ids in the last filter
};

}  // namespace coffer::rpc
