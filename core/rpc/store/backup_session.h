#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "core/rpc/store/open_packs.h"
#include "core/rpc/store/session_gate.h"
#include "core/rpc/store/store_servant.h"

namespace coffer::rpc {

/// Servant of one backup: what repository.idl says, on top of a WriteSession. Safe to share.
class BackupSession : public POA_Coffer::BackupSession {
  public:
    /// Throws what opening the repository and WriteSession throw. What `parts` refers to outlives
    /// it.
    BackupSession(const StoreParts& parts, const RunGrant& grant,
                  const std::optional<SnapshotId>& base, const Lease& lease);

    void fillTerms(Coffer::BackupTerms& terms) const;
    bool basePinned() const;

    Coffer::Octets* suspects() override;
    Coffer::Flags* missing(const Coffer::Octets& ids) override;
    Coffer::Octets* openPack() override;
    CORBA::ULong append(const Coffer::Octets& pack, CORBA::ULongLong offset,
                        const Coffer::Octets& slice) override;
    void finishPack(const Coffer::PackEntry& entry) override;
    Coffer::Moment commit(const Coffer::SnapshotEntry& entry,
                          const Coffer::Octets& sealedObject) override;
    void keepAlive() override;
    void close() override;

  private:
    void checkRoom() const;
    CORBA::ULong pauseAfter(std::size_t octets);
    std::uint64_t unverified() const;

    RepositoryProvider& provider_;
    const std::string name_;  // of the repository
    const StoreLimits limits_;
    const SessionGate gate_;
    const std::shared_ptr<Repository> repository_;
    WriteSession session_;
    OpenPacks packs_;
    std::atomic<std::uint64_t> received_{0};
    std::atomic<std::uint64_t> asked_{0};
    std::atomic<CORBA::ULong> pause_{0};
    std::atomic<bool> committing_{false};
};

}  // namespace coffer::rpc
