#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/repository/restore_store.h"
#include "core/rpc/store/session_hold.h"
#include "core/rpc/store/store_calls.h"
#include "core/snapshot/tree_node.h"
#include "idl/repository.hh"

namespace coffer::rpc {

/// An entry to restore and its path in the snapshot ("/" for its root).
struct RestoreEntry {
    std::string path;
    TreeNode node;
};

/// A restore's way to the store of a server. When the session is gone, every call throws
/// Error(gone). Safe to share between threads.
class RemoteRestoreStore : public RestoreStore {
  public:
    /// Begins a session. Throws Error(permissionDenied) for a token that is not good (any more),
    /// (notFound) when the snapshot or a path in it is not there, (corrupt) for an answer that
    /// makes no sense, and what the calls throw.
    RemoteRestoreStore(Coffer::Store_ptr store, ByteView token, const StoreCalls& calls);

    /// Tells the server that the session has ended, once; no matter whether it can be reached.
    ~RemoteRestoreStore() override;

    const RepositoryId& repositoryId() const { return repositoryId_; }
    const DomainKey& domainKey() const { return domainKey_; }

    /// What to restore, as ordered. The content of a single one goes into the target.
    const std::vector<RestoreEntry>& entries() const { return entries_; }

    std::vector<PlannedBlock> plan(std::span<const ChunkId> ids) override;
    Bytes fetch(const PlannedBlock& block) override;
    bool fetchSome(std::span<const PlannedBlock> blocks, const UseSealed& use) override;

  private:
    void take(const Coffer::RestoreTerms& terms);
    std::vector<PlannedBlock> planSome(std::span<const ChunkId> ids) const;

    const StoreCalls calls_;
    RepositoryId repositoryId_;
    DomainKey domainKey_{};
    std::vector<RestoreEntry> entries_;
    bool fetchesSome_ = false;  // whether the server can
    std::optional<SessionHold<Coffer::RestoreSession>> session_;
};

}  // namespace coffer::rpc
