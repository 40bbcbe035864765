#include "management_server/solo/collocated_store.h"

#include <limits>

#include "core/rpc/orb.h"
#include "core/rpc/store/store_servant.h"
#include "management_server/solo/only_repository.h"

namespace coffer::solo {

namespace {

constexpr const char* agentName = "this computer";
constexpr std::int64_t hour = 3'600;

// Nobody's session is ever in vain: a computer that slept for a while goes on where it was.
constexpr std::int64_t forever = std::numeric_limits<std::int32_t>::max();
constexpr rpc::LeaseLimits leases{.seconds = forever};

// Each of 256 workers may fill several packs, and packs are verified when the user says so, not
// while they come in.
constexpr rpc::StoreLimits limits{.openPacks = 4'096,
                                  .unverified = std::numeric_limits<std::uint64_t>::max()};

// What cannot be had here cannot be had a moment later either.
constexpr rpc::RetryPolicy once{.first = {}, .longest = {}, .patience = {}};

}  // namespace

class CollocatedStore::Parts {
  public:
    Parts(Repository& repository, const CancelToken& cancel)
        : clock_(repository.clock()),
          provider_(repository),
          tokens_(SecretKey::random(), clock_),
          sessions_(PortableServer::POA_var(orb_.poa("store-sessions")), clock_, leases),
          calls_{cancel, once, {}} {
        const PortableServer::ServantBase_var servant =
            new rpc::StoreServant({.repositories = provider_,
                                   .tokens = tokens_,
                                   .sessions = sessions_,
                                   .limits = limits});
        orb_.serve("CofferStore", servant.in());
        const CORBA::Object_var object = orb_.reachLocal("CofferStore");
        store_ = Coffer::Store::_narrow(object);
    }

    rpc::RunGrant grant(rpc::RunGrant::Kind kind) const {
        rpc::RunGrant made;
        made.kind = kind;
        made.repository = repositoryName;
        made.agent = agentName;
        made.expires = clock_.now();
        made.expires.seconds += hour;
        return made;
    }
    Bytes tokenFor(const rpc::RunGrant& grant) const { return tokens_.issue(grant); }
    Coffer::Store_ptr store() const { return store_.in(); }
    const rpc::StoreCalls& calls() const { return calls_; }

  private:
    const Clock& clock_;
    OnlyRepository provider_;
    const rpc::RunTokens tokens_;
    rpc::Orb orb_{rpc::OrbSettings{.role = rpc::OrbRole::embedded}};
    rpc::LeaseKeeper sessions_;
    const rpc::StoreCalls calls_;
    Coffer::Store_var store_;  // ends before the ORB
};

CollocatedStore::CollocatedStore(Repository& repository, const CancelToken& cancel)
    : parts_(std::make_unique<Parts>(repository, cancel)) {}

CollocatedStore::~CollocatedStore() = default;

std::unique_ptr<rpc::RemoteBackupStore> CollocatedStore::beginBackup(
    const AgentIdentity& agent, const rpc::RemoteBackupStore::BaseOf& baseOf,
    const std::vector<std::string>& tags) {
    rpc::RunGrant grant = parts_->grant(rpc::RunGrant::Kind::backup);
    grant.agentId = agent.id;
    grant.tags = tags;
    return std::make_unique<rpc::RemoteBackupStore>(parts_->store(), parts_->tokenFor(grant), agent,
                                                    baseOf, parts_->calls());
}

std::unique_ptr<rpc::RemoteRestoreStore> CollocatedStore::beginRestore(const SnapshotId& snapshot,
                                                                       const std::string& path) {
    rpc::RunGrant grant = parts_->grant(rpc::RunGrant::Kind::restore);
    grant.snapshot = snapshot.hex();
    grant.paths = {path};
    return std::make_unique<rpc::RemoteRestoreStore>(parts_->store(), parts_->tokenFor(grant),
                                                     parts_->calls());
}

}  // namespace coffer::solo
