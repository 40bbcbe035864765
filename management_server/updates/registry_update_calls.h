#pragma once

#include "management_server/agents/agent_registry.h"
#include "management_server/updates/update_desk.h"

namespace coffer {

/// UpdateCalls through the callbacks of the registry, which outlives it.
class RegistryUpdateCalls : public UpdateCalls {
  public:
    explicit RegistryUpdateCalls(AgentRegistry& registry) : registry_(registry) {}

    bool isAttached(const std::string& agent) override { return registry_.isAttached(agent); }
    bool mayAttach(const std::string& agent) override;
    rpc::SettingMap describe(const std::string& agent) override;
    void offer(const std::string& agent, const Bytes& head) override;

  private:
    AgentRegistry& registry_;
};

}  // namespace coffer
