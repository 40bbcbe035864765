#include "core/rpc/store/reachable_ids.h"

#include <algorithm>

namespace coffer::rpc {

namespace {
constexpr std::size_t exactLimit = 65'536;
constexpr std::size_t idsOfFilter = 8'000'000;
constexpr std::size_t mostFilters = 16;
}  // namespace

void ReachableIds::add(const ChunkId& id) {
    if (exact_.size() < exactLimit) {
        exact_.insert(id);
        return;
    }
    if (contains(id)) return;
    if (filters_.empty() || (inLast_ >= idsOfFilter && filters_.size() < mostFilters)) {
        filters_.emplace_back();
        inLast_ = 0;
    }
    filters_.back().add(id);
    ++inLast_;
}

bool ReachableIds::contains(const ChunkId& id) const {
    return exact_.contains(id) || std::ranges::any_of(filters_, [&](const IdFilter& filter) {
               return filter.mayContain(id);
           });
}

}  // namespace coffer::rpc
