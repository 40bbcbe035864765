#pragma once

#include <functional>
#include <string>

#include "core/agent/allow_list.h"
#include "core/agent/allowed_tree.h"
#include "core/agent/file_tree.h"
#include "core/agent/result_spool.h"
#include "core/agent/task_runner.h"
#include "core/agent/worker_process.h"
#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/base/threads.h"
#include "core/rpc/leases.h"
#include "core/rpc/orb.h"
#include "workstation_agent/agent_control.h"
#include "workstation_agent/agent_folder.h"
#include "workstation_agent/agent_settings.h"
#include "workstation_agent/run_hooks.h"
#include "workstation_agent/server_link.h"
#include "workstation_agent/updater.h"

namespace coffer {

/// An agent while it runs: shows its files, carries out orders, keeps attached to its server. Used
/// by one thread.
class AgentDaemon {
  public:
    /// All references outlive it.
    struct Parts {
        AgentFolder& folder;  // locked, enrolled
        const AgentSettings& settings;
        std::string settingsFile;
        std::string version;
        rpc::Orb& orb;
        std::function<Coffer::AgentPort_ptr()> port;
        WorkerLauncher& launcher;
        const Clock& clock;
        Updater* updater = nullptr;  // none: it takes no updates
        bool trial = false;          // a new version that only has to attach: takes no runs
    };

    /// Throws Error(invalidArgument) for settings that make no sense, (corrupt)….
    explicit AgentDaemon(Parts parts);
    ~AgentDaemon();

    /// From now on it looks for its server.
    void start();

    /// Stops the runs, which go on later, tells the server, and waits for both: 55 s at most, 85 s
    /// with hooks.
    void stop();

    /// Whether there is no run that has no result yet. Safe to call from any thread.
    bool idle() const { return runner_.active().empty(); }

  private:
    AllowList allowList() const;
    TaskRunner::Settings runnerSettings() const;
    rpc::SettingMap facts() const;
    void startRun(RunOrder order);
    void takeSettings(const rpc::SettingMap& given);
    std::string workerLine(const RunOrder& order) const;
    PortableServer::Servant_var<AgentControlServant> makeServant();
    ServerLink::Parts linkParts();

    const Parts parts_;
    const AgentIdentity identity_;
    CancelToken cancel_;
    const AllowList allowed_;
    FileTree files_;
    AllowedTree tree_;
    const RunHooks hooks_;
    ResultSpool spool_;
    TaskRunner runner_;
    rpc::LeaseKeeper iterators_;
    CertificateRenewal renewal_;
    const PortableServer::Servant_var<AgentControlServant> servant_;
    const PortableServer::POA_var poa_;
    const PortableServer::ObjectId_var id_;
    ServerLink link_;
    ThreadScope thread_;
};

}  // namespace coffer
