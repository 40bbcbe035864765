#pragma once

#include <functional>

#include "core/rpc/callback.h"
#include "core/rpc/caller.h"
#include "idl/agent.hh"
#include "management_server/agents/agent_registry.h"
#include "management_server/agents/enrolment.h"

namespace coffer {

/// Where agents attach; object key "CofferAgents".
class AgentPort : public POA_Coffer::AgentPort {
  public:
    /// Gives a reference to a link; an object of the POA "links".
    using Refer = std::function<Coffer::AgentLink_ptr(const LinkKey&)>;

    /// All outlive it. Tests put their own `caller` and `leadsBack`.
    AgentPort(AgentRegistry& registry, Enrolment& enrolment, Refer refer,
              std::function<rpc::Caller()> caller = rpc::currentCaller,
              std::function<bool(CORBA::Object_ptr)> leadsBack = rpc::leadsBack);

    Coffer::AgentLink_ptr attach(Coffer::AgentControl_ptr control, const Coffer::AgentHello& hello,
                                 Coffer::AgentWelcome_out welcome) override;
    char* renew(const char* request) override;

  private:
    AgentRegistry& registry_;
    Enrolment& enrolment_;
    const Refer refer_;
    const std::function<rpc::Caller()> caller_;
    const std::function<bool(CORBA::Object_ptr)> leadsBack_;
};

}  // namespace coffer
