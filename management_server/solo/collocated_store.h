#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/cancel.h"
#include "core/repository/repository.h"
#include "core/rpc/store/remote_backup_store.h"
#include "core/rpc/store/remote_restore_store.h"

namespace coffer::solo {

/// The store of a coffer-server and the way to it of a coffer-worker, in this process: the same
/// servants over one repository behind an embedded ORB. Calls go through repository.idl and are
/// made directly; no port is opened. One at a time in a process, as the ORB has it. Safe to share
/// between threads. Waits for nothing and tries nothing again: what fails here fails for good.
class CollocatedStore {
  public:
    /// Both outlive it. Throws Error(conflict) when there is an ORB in this process already.
    CollocatedStore(Repository& repository, const CancelToken& cancel);

    /// After all that was begun here has ended.
    ~CollocatedStore();
    CollocatedStore(const CollocatedStore&) = delete;
    CollocatedStore& operator=(const CollocatedStore&) = delete;

    /// Begins a backup of an enrolled agent, whose snapshot gets these tags. Throws what
    /// WriteSession throws.
    std::unique_ptr<rpc::RemoteBackupStore> beginBackup(
        const AgentIdentity& agent, const rpc::RemoteBackupStore::BaseOf& baseOf,
        const std::vector<std::string>& tags = {});

    /// Begins a restore of one entry of a snapshot, `path` absolute. Throws Error(notFound).
    std::unique_ptr<rpc::RemoteRestoreStore> beginRestore(const SnapshotId& snapshot,
                                                          const std::string& path);

  private:
    class Parts;

    std::unique_ptr<Parts> parts_;
};

}  // namespace coffer::solo
