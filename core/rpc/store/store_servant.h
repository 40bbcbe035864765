#pragma once

#include <functional>

#include "core/rpc/caller.h"
#include "core/rpc/leases.h"
#include "core/rpc/store/repository_provider.h"
#include "core/rpc/store/run_token.h"
#include "idl/repository.hh"

namespace coffer::rpc {

/// How the LeaseKeeper of a store's sessions is made; an owner is the name of an agent. A session
/// that a worker began in vain, because the answer was lost, ends with its lease or with the next
/// attempt at its run.
constexpr LeaseLimits storeLeases{.seconds = 600, .objects = 10'000, .objectsOfOwner = 64};

/// What the store grants.
struct StoreLimits {
    std::size_t openPacks = 256;  // of one backup at a time

    /// Octets that were received and not verified yet. Beyond it senders are asked to wait before
    /// the next slice, the longer the more there are; from twice as many on slices are refused for
    /// a while ("limit-exceeded" with retryAfterMs).
    std::uint64_t unverified = 4ULL << 30;

    /// Ids that one backup may ask about: what is there is told to who has it, not to who guesses.
    std::uint64_t asked = 1ULL << 27;
};

/// What all servants of a store share. The references outlive the keeper's last session.
struct StoreParts {
    RepositoryProvider& repositories;
    const RunTokens& tokens;
    LeaseKeeper& sessions;
    StoreLimits limits{};
    std::function<Caller()> caller = currentCaller;  // who calls; tests have their own
};

/// Servant of Coffer::Store: begins sessions for whoever shows a token. Each call, here and at the
/// sessions, has to come from the agent named in the token, or from within the process. Safe to
/// share.
class StoreServant : public POA_Coffer::Store {
  public:
    explicit StoreServant(const StoreParts& parts) : parts_(parts) {}

    Coffer::BackupSession_ptr beginBackup(const Coffer::Octets& token, const Coffer::Octets& base,
                                          Coffer::BackupTerms_out terms,
                                          CORBA::Boolean& basePinned) override;
    Coffer::RestoreSession_ptr beginRestore(const Coffer::Octets& token,
                                            Coffer::RestoreTerms_out terms) override;

  private:
    RunGrant grantOf(const Coffer::Octets& token, RunGrant::Kind kind) const;

    const StoreParts parts_;
};

}  // namespace coffer::rpc
