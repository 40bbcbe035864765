#pragma once

#include <memory>
#include <string>

#include "core/rpc/orb.h"
#include "idl/objects.hh"
#include "management_server/objects/agent_objects.h"

namespace coffer {

/// The objects of agents in the ORB of a server: the default servants of the POAs "nodes", "files"
/// and "folders", whose object ids are encodeNodeId's. Safe to share between threads.
class NodeServants {
  public:
    /// All outlive it. The servants live as long as the ORB, and so do calls to them.
    NodeServants(rpc::Orb& orb, SessionTable& sessions,
                 std::function<Coffer::AgentControl_var(const std::string& agent)> control,
                 rpc::LeaseKeeper& iterators);

    /// For AgentManager::root.
    Coffer::Folder_ptr root(const UserSession& session, const std::string& agent) {
        return objects_->root(session, agent);
    }

  private:
    const std::shared_ptr<AgentObjects> objects_;  // shared with the servants
};

}  // namespace coffer
