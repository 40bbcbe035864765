#pragma once

#include <memory>
#include <vector>

#include "core/rpc/leases.h"
#include "core/rpc/orb.h"
#include "management_server/access/session_servant.h"
#include "management_server/http/http_listener.h"
#include "management_server/metrics/metrics_collector.h"
#include "management_server/metrics/metrics_endpoint.h"
#include "management_server/objects/node_servants.h"
#include "management_server/server/housekeeping.h"
#include "management_server/server/server_parts.h"
#include "management_server/tasks/task_manager.h"

namespace coffer {

/// What is reached of a server through its Orb, and its threads. As Server.
class Server::Served {
  public:
    Served(Parts& parts, rpc::Orb& orb);

    void reload();
    void reloadCertificate();
    void tick() { housekeeping_.round(); }

    void stop();

  private:
    using ServantVar = PortableServer::ServantBase_var;

    void lookForUnverified();

    std::vector<Housekeeping::Chore> chores();

    std::vector<Housekeeping::Chore> handovers();

    void serveMetrics();

    void serveTrigger();

    void collectMetrics();

    void renewCertificate();

    void addPoa(const char* name, PortableServer::ServantBase* servant);

    void serveNamed(const char* name, PortableServer::ServantBase* servant);

    void serveUsers();

    void serveAccess(const SessionReferences& refer);

    void serveAgents();

    void serveGate();

    Parts& parts_;
    rpc::Orb& orb_;
    rpc::LeaseKeeper iterators_;
    rpc::LeaseKeeper stores_;
    NodeServants nodes_;
    std::unique_ptr<MetricsCollector> metrics_;  // none when nobody may ask
    std::unique_ptr<MetricsEndpoint> metricsEndpoint_;
    PortableServer::Servant_var<TaskManager> taskManager_;
    std::unique_ptr<HttpListener> triggerEndpoint_;  // likewise
    Housekeeping housekeeping_;
    Housekeeping updates_;  // its calls wait for agents
    Housekeeping handovers_;
};

}  // namespace coffer
