#pragma once

#include <list>
#include <memory>
#include <unordered_map>

#include "core/base/guarded.h"
#include "core/snapshot/snapshot_catalog.h"

namespace coffer {

/// The snapshots that were read last: opening one takes a file and a key. Safe to share between
/// threads.
class SnapshotShelf {
  public:
    /// Keeps snapshots of about so many octets in all.
    explicit SnapshotShelf(std::size_t octets = 64 << 20) : limit_(octets) {}

    /// The snapshot of an entry of the ledger. Throws as loadSnapshot.
    std::shared_ptr<const Snapshot> load(Repository& repository, const SnapshotInfo& info);

    /// The snapshot of this name, as findSnapshot. Throws as that.
    std::shared_ptr<const Snapshot> find(Repository& repository, const std::string& name);

  private:
    struct Kept {
        SnapshotId id;
        std::shared_ptr<const Snapshot> snapshot;
        std::size_t octets = 0;
    };
    struct State {
        std::list<Kept> newestFirst;
        std::unordered_map<SnapshotId, std::list<Kept>::iterator, IdHash> byId;
        std::size_t octets = 0;
    };

    const std::size_t limit_;
    Guarded<State> state_;
};

}  // namespace coffer
