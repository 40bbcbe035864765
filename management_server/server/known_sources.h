#pragma once

#include <map>
#include <string>
#include <vector>

#include "management_server/agents/agent_registry.h"
#include "management_server/rehearsals/source_proofs.h"
#include "management_server/runs/runs.h"
#include "management_server/snapshots/snapshot_manager.h"
#include "management_server/snapshots/snapshot_retention.h"
#include "management_server/status/status_keeper.h"

namespace coffer {

/// What agents, their runs and rehearsals together say of agents and sources, in the forms in which
/// others want to see it. Safe to share between threads.
class KnownSources {
  public:
    /// All outlive it.
    KnownSources(const AgentRegistry& registry, const SourceProofs& proofs, const Runs& runs)
        : registry_(registry), proofs_(proofs), runs_(runs) {}

    AgentNames agentNames() const;
    std::map<std::string, std::size_t> agentCounts() const;  // by state
    std::vector<SourceRuns> sourceRuns(const std::string& repository) const;
    std::vector<StatusKeeper::Agent> watchedAgents() const;
    std::map<SourceName, Timestamp> provenSources() const;

    /// When a repository was read, and when each of its sources was rehearsed.
    rpc::SettingMap proofFacts(const std::string& name, Repository& repository, const Clock& clock,
                               unsigned readDays) const;

  private:
    const AgentRegistry& registry_;
    const SourceProofs& proofs_;
    const Runs& runs_;
};

}  // namespace coffer
