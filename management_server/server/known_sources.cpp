#include "management_server/server/known_sources.h"

#include "core/base/printable.h"
#include "core/repository/server_agent.h"
#include "management_server/agents/agent_manager.h"
#include "management_server/repositories/proof_facts.h"

namespace coffer {

namespace {

constexpr std::size_t mostSources = 100;  // in the facts of a repository
constexpr std::size_t longestSource = 200;

}  // namespace

AgentNames KnownSources::agentNames() const {
    AgentNames names;
    for (const AgentRecord& agent : registry_.list()) {
        names.emplace(agent.id, agent.name);
        names.emplace(copyAgent(agent.id), agent.name);
    }
    return names;
}

std::map<std::string, std::size_t> KnownSources::agentCounts() const {
    std::map<std::string, std::size_t> counts = {{"attached", 0}, {"away", 0}, {"revoked", 0}};
    for (const AgentRecord& agent : registry_.list()) ++counts[stateOf(agent)];
    return counts;
}

std::vector<SourceRuns> KnownSources::sourceRuns(const std::string& repository) const {
    std::vector<SourceRuns> found;
    const std::vector<BackupHistory> histories = runs_.backupHistories(repository);
    for (const AgentRecord& agent : registry_.list()) {
        for (const BackupHistory& each : histories) {
            if (each.agent != agent.name) continue;
            found.push_back(
                {SourceKey::of(agent.id, each.what), each.lastSuccess, each.lastFailure});
        }
    }
    return found;
}

std::vector<StatusKeeper::Agent> KnownSources::watchedAgents() const {
    std::vector<StatusKeeper::Agent> agents;
    for (const AgentRecord& agent : registry_.list()) {
        if (!agent.revoked) agents.push_back({agent.name, agent.attached, agent.facts});
    }
    return agents;
}

std::map<SourceName, Timestamp> KnownSources::provenSources() const {
    const AgentNames names = agentNames();
    std::map<SourceName, Timestamp> proven;
    for (const SourceProof& proof : proofs_.all()) {
        const auto agent = names.find(proof.agent);
        if (agent == names.end()) continue;
        proven[SourceName::of(agent->second, proof.repository, proof.paths)] = proof.time;
    }
    return proven;
}

rpc::SettingMap KnownSources::proofFacts(const std::string& name, Repository& repository,
                                         const Clock& clock, unsigned readDays) const {
    rpc::SettingMap facts = coffer::proofFacts(repository.ledger(), clock, readDays);
    const AgentNames names = agentNames();
    std::size_t number = 0;
    for (const SourceProof& proof : proofs_.ofRepository(name)) {
        if (++number > mostSources) break;
        const auto agent = names.find(proof.agent);
        std::string source = agent == names.end() ? proof.agent.hex() : agent->second;
        for (const std::string& path : proof.paths) source += " " + printable(path);
        facts.emplace("proven-source-" + std::to_string(number),
                      source.substr(0, longestSource) + ": " + shownProof(proof));
    }
    return facts;
}

}  // namespace coffer
