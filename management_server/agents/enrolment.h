#pragma once

#include <cstdint>
#include <string>

#include "core/trust/certificate_authority.h"
#include "management_server/access/gate.h"
#include "management_server/agents/agent_registry.h"
#include "management_server/database/server_database.h"
#include "management_server/events/event_recorder.h"

namespace coffer {

/// Lets agents in: makes tokens, and certificates for who has one. Of a token server.db holds the
/// hash alone. Safe to share between threads.
class Enrolment {
  public:
    /// All outlive it.
    Enrolment(ServerDatabase& database, const Clock& clock, const CertificateAuthority& authority,
              AgentRegistry& registry, EventRecorder* events = nullptr);

    /// A token for one agent of this name, good for 60 to 604,800 seconds; one that was made
    /// before for the name and has not been used is void. Throws Error(invalidArgument),
    /// (alreadyExists) unless the name is new or that of a revoked agent, (limitExceeded) when
    /// 1,000 wait for their agents.
    std::string makeToken(const std::string& agent, std::uint32_t validSeconds,
                          const std::string& user);

    /// Enters the agent of a token and gives its certificate (PEM). The very same order gives the
    /// same certificate again until the token ends. Throws Error(permissionDenied) for a token
    /// that is unknown, used or over, (conflict) when name or id are another agent's by now, and
    /// as tokenHash and CertificateAuthority::sign.
    std::string enrol(const EnrolmentOrder& order);

    /// A new certificate for the agent that calls; those before stay good. Throws as
    /// AgentRegistry::callingAgent and CertificateAuthority::sign.
    std::string renew(const rpc::Caller& caller, const std::string& request);

    /// Forgets tokens that are over; for the housekeeping. Gives how many there were.
    std::size_t expire();

  private:
    struct Token;

    Token readToken(SqlDatabase& database, const Digest& hash) const;
    void enter(SqlDatabase& database, const Token& token, const EnrolmentOrder& order,
               const std::string& certificate);

    ServerDatabase& database_;
    const Clock& clock_;
    const CertificateAuthority& authority_;
    const std::string fingerprint_;  // the authority's
    AgentRegistry& registry_;
    EventRecorder* const events_;
};

}  // namespace coffer
