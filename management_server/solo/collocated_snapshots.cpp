#include "management_server/solo/collocated_snapshots.h"

#include <limits>

#include "core/rpc/orb.h"
#include "management_server/access/upcall.h"
#include "management_server/snapshots/snapshot_manager.h"
#include "management_server/solo/only_repository.h"
#include "management_server/solo/proven_sources.h"

namespace coffer::solo {

namespace {

constexpr const char* snapshotsPoa = "snapshots";
constexpr const char* userName = "user of this computer";

// Nothing ends by itself while a computer sleeps: sessions and iterators end with the verb.
constexpr std::int64_t forever = std::numeric_limits<std::int32_t>::max();
constexpr SessionLimits sessionLimits{.idleSeconds = forever, .ageSeconds = forever};
constexpr std::int64_t graceSeconds = 7 * 86'400;  // to take forgetting back
constexpr rpc::LeaseLimits leases{.seconds = forever};

/// Nobody asks afterwards: what was done, the verb tells.
class NoEvents : public EventSink {
  public:
    void add(std::string_view, std::string_view, std::string_view,
             const std::map<std::string, std::string>&) noexcept override {}
};

}  // namespace

class CollocatedSnapshots::Parts {
  public:
    explicit Parts(Repository& repository)
        : provider_(repository),
          retention_({.repositories = provider_,
                      .shelf = shelf_,
                      .clock = repository.clock(),
                      .graceSeconds = graceSeconds}),
          sessions_(repository.clock(), sessionCalls(everyRole), sessionLimits),
          iterators_(PortableServer::POA_var(orb_.poa("iterators")), repository.clock(), leases) {
        const PortableServer::ServantBase_var servant = new SnapshotManager(
            {.sessions = sessions_,
             .repositories = provider_,
             .iterators = iterators_,
             .readers = readers_,
             .shelf = shelf_,
             .events = events_,
             .retention = retention_,
             .agents = [] { return AgentNames(); },
             .proofs = [this, &repository](
                           const std::string&) { return provenSources(repository, shelf_); },
             .longestAnswer = std::numeric_limits<std::size_t>::max()});  // no message is made
        const PortableServer::POA_var poa = orb_.poa(snapshotsPoa, servant.in());
        const UserSession session = sessions_.begin(userName);
        const CORBA::Object_var object =
            referenceIn(orb_, snapshotsPoa, session.id.view(), Coffer::SnapshotManager::_PD_repoId);
        manager_ = Coffer::SnapshotManager::_narrow(object);
    }

    Coffer::SnapshotManager_ptr manager() const { return manager_.in(); }

  private:
    OnlyRepository provider_;
    SnapshotShelf shelf_;
    const SnapshotRetention retention_;
    SessionTable sessions_;
    ReaderPool readers_;
    NoEvents events_;
    rpc::Orb orb_{rpc::OrbSettings{.role = rpc::OrbRole::embedded}};
    rpc::LeaseKeeper iterators_;
    Coffer::SnapshotManager_var manager_;  // ends before the ORB
};

CollocatedSnapshots::CollocatedSnapshots(Repository& repository)
    : parts_(std::make_unique<Parts>(repository)) {}

CollocatedSnapshots::~CollocatedSnapshots() = default;

cli::Browsing CollocatedSnapshots::browsing(const Context& context) const {
    // A second request would have blocks opened twice, and nothing is on its way for long.
    return {parts_->manager(), repositoryName, context.options, context.cancel, 1};
}

cli::Forgetting CollocatedSnapshots::forgetting(const Context& context) const {
    return {parts_->manager(), repositoryName, context.options};
}

}  // namespace coffer::solo
