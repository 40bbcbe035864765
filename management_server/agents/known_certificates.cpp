#include "management_server/agents/known_certificates.h"

namespace coffer {

bool KnownCertificates::accept(const CertificateFacts& peer) const {
    if (peer.role != Role::agent) return peer.role == Role::client;
    return agentOf(peer).has_value();
}

std::optional<std::string> KnownCertificates::agentOf(const CertificateFacts& peer) const {
    if (peer.role != Role::agent) return {};
    return agents_.with([&](const Agents& agents) {
        const auto known = agents.find(peer.fingerprint);
        return known == agents.end() ? std::optional<std::string>() : known->second;
    });
}

void KnownCertificates::set(const std::string& agent,
                            const std::vector<std::string>& fingerprints) {
    agents_.with([&](Agents& agents) {
        std::erase_if(agents, [&](const auto& known) { return known.second == agent; });
        for (const std::string& fingerprint : fingerprints)
            agents.insert_or_assign(fingerprint, agent);
    });
}

}  // namespace coffer
