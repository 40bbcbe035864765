#pragma once

#include <functional>
#include <optional>
#include <string>

#include "idl/management.hh"
#include "management_server/access/confirmations.h"
#include "management_server/access/session_table.h"
#include "management_server/agents/agent_registry.h"
#include "management_server/agents/enrolment.h"

namespace coffer {

/// "attached", "away", "revoked".
const char* stateOf(const AgentRecord& agent);

/// Servant of all AgentManager objects; the default servant of the POA "agents".
class AgentManager : public POA_Coffer::AgentManager {
  public:
    /// Gives a reference to the root folder of what an attached agent shows.
    using Root =
        std::function<Coffer::Folder_ptr(const UserSession& session, const std::string& agent)>;

    /// When a source of the agent was last proven by a rehearsal, if ever.
    using LastProven = std::function<std::optional<Timestamp>(const AgentId& agent)>;

    /// All outlive it. Without `confirmations` nobody else is asked before an agent is revoked.
    AgentManager(SessionTable& sessions, AgentRegistry& registry, Enrolment& enrolment, Root root,
                 LastProven lastProven, Confirmations* confirmations = nullptr);

    Coffer::AgentInfos* list() override;
    Coffer::Folder_ptr root(const char* agent) override;
    char* makeToken(const char* name, CORBA::ULong validSeconds) override;
    void revoke(const char* agent) override;

  private:
    SessionTable& sessions_;
    AgentRegistry& registry_;
    Enrolment& enrolment_;
    const Root root_;
    const LastProven lastProven_;
    Confirmations* const confirmations_;
};

}  // namespace coffer
