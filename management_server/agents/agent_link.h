#pragma once

#include <functional>

#include "core/rpc/caller.h"
#include "idl/agent.hh"
#include "management_server/agents/agent_listener.h"
#include "management_server/agents/agent_registry.h"

namespace coffer {

/// Servant of all links; the default servant of the POA "links". A link is good as long as it is
/// its agent's present one, and for calls with that agent's certificate alone.
class AgentLink : public POA_Coffer::AgentLink {
  public:
    /// Both outlive it. Tests put their own `caller` and `objectId`.
    AgentLink(AgentRegistry& registry, AgentListener& listener,
              std::function<rpc::Caller()> caller = rpc::currentCaller,
              std::function<Bytes()> objectId = rpc::currentObjectId);

    void heartbeat() override;
    void progress(const Coffer::RunProgressList& news) override;
    void finished(const Coffer::RunResult& result) override;
    void detach() override;

  private:
    std::string enter();
    LinkKey calledLink() const;

    AgentRegistry& registry_;
    AgentListener& listener_;
    const std::function<rpc::Caller()> caller_;
    const std::function<Bytes()> objectId_;
};

}  // namespace coffer
