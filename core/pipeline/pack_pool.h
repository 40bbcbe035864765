#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "core/base/guarded.h"
#include "core/repository/backup_store.h"

namespace coffer {

/// The packs being written: a worker borrows one for a block and gives it back, so that none waits
/// while another writes, and a small backup still fills a single pack. Safe to share.
class PackPool {
  public:
    /// Called with the chunks of each pack that has been registered.
    using Registered = std::function<void(const PackDirectory&)>;

    /// `store` and `keys` outlive the pool.
    PackPool(BackupStore& store, const AgentKeys& keys, Registered registered)
        : store_(store), keys_(keys), registered_(std::move(registered)) {}

    void add(BlockContent block, const Compressor::Packed& packed);

    /// Finishes the packs that have been begun and that nobody is adding to at the moment.
    void finish();

    /// Finishes one of them; false when there is none. Several threads finish them together.
    bool finishOne();

    /// Octets of the packs finished so far.
    std::uint64_t storedBytes() const { return stored_; }

  private:
    std::unique_ptr<PackWriter> take();
    void finish(PackWriter& pack);

    BackupStore& store_;
    const AgentKeys& keys_;
    Registered registered_;
    Guarded<std::vector<std::unique_ptr<PackWriter>>> idle_;
    std::atomic<std::uint64_t> stored_{0};
};

}  // namespace coffer
