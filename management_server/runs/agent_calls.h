#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/codec/signature.h"
#include "core/repository/ids.h"
#include "idl/agent.hh"
#include "management_server/agents/agent_registry.h"

namespace coffer {

/// What runs ask of agents, and of the register of agents. Every call is remote or may wait: never
/// under a lock. Safe to share between threads.
class AgentCalls {
  public:
    virtual ~AgentCalls() = default;

    /// What an agent signs with, and what it has said of itself.
    struct Identity {
        AgentId id;
        VerifyKey verifyKey;
        bool knowsStores = false;  // its workers accept a store that runs beside the server
    };

    /// Throws Error(notFound) when there is no such agent, (conflict) when it is revoked.
    virtual Identity identity(const std::string& agent) = 0;

    /// As in agent.idl. Throw what the agent answers, or Error(unavailable).
    virtual void startRun(const std::string& agent, const Coffer::RunOrder& order) = 0;
    virtual void cancelRun(const std::string& agent, std::int64_t run) = 0;
};

/// The same through the callbacks of the registry, which outlives it. An agent that does not answer
/// within the deadline is unavailable.
class RegistryCalls : public AgentCalls {
  public:
    explicit RegistryCalls(AgentRegistry& registry,
                           std::chrono::milliseconds deadline = std::chrono::seconds(10))
        : registry_(registry), deadline_(deadline) {}

    Identity identity(const std::string& agent) override;
    void startRun(const std::string& agent, const Coffer::RunOrder& order) override;
    void cancelRun(const std::string& agent, std::int64_t run) override;

  private:
    AgentRegistry& registry_;
    const std::chrono::milliseconds deadline_;
};

}  // namespace coffer
