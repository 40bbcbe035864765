#pragma once

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/rpc/leases.h"
#include "core/rpc/orb.h"
#include "core/rpc/store/keep_alive.h"
#include "core/rpc/store/run_token.h"
#include "store_server/known_agents.h"
#include "store_server/shared_repositories.h"
#include "store_server/store_settings.h"

namespace coffer {

/// What a store is made of, beside its Orb. Outlives that.
class StoreServer {
  public:
    /// Reads what the server has handed over. Throws Error(notFound), saying what to do, when that
    /// is nothing. Disk and clock outlive it.
    StoreServer(Disk& disk, const rpc::HandedOver& given, const StoreSettings& settings,
                const Clock& clock);

    /// For OrbSettings::accepts. Quick.
    bool accepts(const CertificateFacts& peer) const noexcept { return agents_.accepts(peer); }

    /// Makes the store reachable; once.
    void serve(rpc::Orb& orb);

    /// Shows a new certificate when the server has made one. After serve().
    void followCertificate(rpc::Orb& orb);

    /// Takes no more calls. The Orb ends next, with those that are under way, then this.
    void stop(rpc::Orb& orb);

  private:
    Disk& disk_;
    const rpc::HandedOver given_;
    const StoreSettings settings_;
    const rpc::RunTokens tokens_;
    KnownAgents agents_;
    SharedRepositories repositories_;
    Guarded<std::shared_ptr<DiskReader>> certificate_;  // the file that is shown
    std::unique_ptr<rpc::LeaseKeeper> sessions_;
    std::unique_ptr<rpc::KeepAlive> housekeeping_;
};

}  // namespace coffer
