#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/repository/backup_store.h"
#include "core/repository/server_state.h"
#include "core/rpc/store/session_hold.h"
#include "core/rpc/store/store_calls.h"
#include "idl/repository.hh"

namespace coffer::rpc {

/// A backup's way to the store of a server. When the session is gone, because the server was
/// started again, every call throws Error(gone): the run is interrupted, and the next one goes on
/// from its journal. Safe to share between threads.
class RemoteBackupStore : public BackupStore {
  public:
    /// The snapshot to ask for as base, once the repository is known (coffer::baseOf).
    using BaseOf = std::function<std::optional<SnapshotId>(const RepositoryId&)>;

    /// Begins a session. Throws Error(permissionDenied) for a token that is not good (any more),
    /// (corrupt) for an answer that makes no sense, and what the calls throw.
    RemoteBackupStore(Coffer::Store_ptr store, ByteView token, const AgentIdentity& agent,
                      const BaseOf& baseOf, const StoreCalls& calls);

    /// Tells the server that the session has ended, once; no matter whether it can be reached.
    ~RemoteBackupStore() override;

    const AgentKeys& keys() const { return keys_; }
    const ChunkerParameters& chunker() const { return chunker_; }

    const SessionTerms& terms() const override { return terms_; }
    std::vector<bool> missing(std::span<const ChunkId> ids) override;
    std::unique_ptr<PackUpload> openPack() override;
    Timestamp commit(const SealedSnapshot& snapshot) override;

  private:
    class Upload;
    Coffer::BackupSession_ptr begin(Coffer::Store_ptr store, ByteView token,
                                    const AgentIdentity& agent,
                                    const std::optional<SnapshotId>& base);

    const StoreCalls calls_;
    AgentKeys keys_;
    ChunkerParameters chunker_;
    SessionTerms terms_;
    std::optional<SessionHold<Coffer::BackupSession>> session_;
};

}  // namespace coffer::rpc
