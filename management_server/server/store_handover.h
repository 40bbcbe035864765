#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "core/rpc/store/handed_over.h"
#include "core/storage/disk.h"
#include "management_server/agents/agent_registry.h"
#include "management_server/server/server_certificate.h"
#include "management_server/server/server_folder.h"

namespace coffer {

/// What the server hands over to a store that runs beside it (docs/store-server.md), and keeps
/// true: the network's authority, a certificate, the key of run tokens, the agents that may come
/// in. Used by one thread, but for tellAgents().
class StoreHandover {
  public:
    /// Nothing is written yet. `disk` makes files that the store's group may use; `hosts` stand in
    /// the certificate. All outlive it.
    StoreHandover(Disk& disk, const ServerFolder& server, const CertificateAuthority& authority,
                  const AgentRegistry& agents, const Clock& clock, std::vector<std::string> hosts);

    /// Writes all that is missing or not true any more, and lets the group into the folder of the
    /// repositories; those that were made before there was a store are left as they are.
    void begin();

    /// The agents, when they have changed: often, and before one is sent to the store, which would
    /// refuse a certificate of a moment ago. Safe to call from any thread.
    void tellAgents();

    /// Another certificate in time.
    void renewCertificate();

  private:
    void put(const std::string& file, std::string_view text);

    Disk& disk_;
    const ServerFolder& server_;
    const AgentRegistry& agents_;
    const rpc::HandedOver given_;
    ServerCertificate certificate_;
    Guarded<std::uint64_t> told_{0};
};

}  // namespace coffer
