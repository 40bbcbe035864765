#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/agent/run_order.h"
#include "core/base/guarded.h"
#include "core/storage/object_store.h"

namespace coffer {

/// Results of runs that the server has not taken yet. They outlast a power loss; one that cannot
/// be written is kept in memory, so that it is delivered at least by this process. Safe to share.
class ResultSpool {
  public:
    using Key = std::pair<std::int64_t, std::uint32_t>;  // run, attempt

    /// Takes up what an earlier process left. What cannot be read is removed: the server learns
    /// that nobody knows of that run. `store` outlives this. Throws Error.
    explicit ResultSpool(ObjectStore& store);

    void add(RunReport report);

    /// Removes it for good. Nothing when it is not there.
    void remove(const Key& key);

    bool contains(const Key& key) const;

    /// All that are there, in the order of their runs.
    std::vector<Key> keys() const;
    std::optional<RunReport> get(const Key& key) const;

  private:
    ObjectStore& store_;
    Guarded<std::map<Key, RunReport>> reports_;
};

}  // namespace coffer
