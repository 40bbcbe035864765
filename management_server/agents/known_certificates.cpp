#include "management_server/agents/known_certificates.h"

#include <utility>

namespace coffer {

bool KnownCertificates::accept(const CertificateFacts& peer) const {
    if (peer.role != Role::agent) return peer.role == Role::client;
    return agentOf(peer).has_value();
}

std::optional<std::string> KnownCertificates::agentOf(const CertificateFacts& peer) const {
    if (peer.role != Role::agent) return {};
    return agents_.with([&](const Agents& agents) {
        const auto known = agents.names.find(peer.fingerprint);
        return known == agents.names.end() ? std::optional<std::string>() : known->second;
    });
}

void KnownCertificates::set(const std::string& agent,
                            const std::vector<std::string>& fingerprints) {
    agents_.with([&](Agents& agents) {
        std::erase_if(agents.names, [&](const auto& known) { return known.second == agent; });
        for (const std::string& fingerprint : fingerprints)
            agents.names.insert_or_assign(fingerprint, agent);
        ++agents.changes;
    });
}

std::optional<std::map<std::string, std::string>> KnownCertificates::since(
    std::uint64_t& seen) const {
    return agents_.with(
        [&](const Agents& agents) -> std::optional<std::map<std::string, std::string>> {
            if (std::exchange(seen, agents.changes) == agents.changes) return {};
            return std::map<std::string, std::string>(agents.names.begin(), agents.names.end());
        });
}

}  // namespace coffer
