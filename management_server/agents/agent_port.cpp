#include "management_server/agents/agent_port.h"

#include <utility>

#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/service/log.h"
#include "management_server/access/protocol_level.h"
#include "management_server/agents/agent_bounds.h"

namespace coffer {

AgentPort::AgentPort(AgentRegistry& registry, Enrolment& enrolment, Refer refer,
                     std::function<rpc::Caller()> caller,
                     std::function<bool(CORBA::Object_ptr)> leadsBack)
    : registry_(registry),
      enrolment_(enrolment),
      refer_(std::move(refer)),
      caller_(std::move(caller)),
      leadsBack_(std::move(leadsBack)) {}

Coffer::AgentLink_ptr AgentPort::attach(Coffer::AgentControl_ptr control,
                                        const Coffer::AgentHello& hello,
                                        Coffer::AgentWelcome_out welcome) {
    return rpc::serve("attach", [&] {
        const rpc::Caller caller = caller_();
        const std::string agent = registry_.callingAgent(caller);
        Coffer::AgentWelcome_var answer = new Coffer::AgentWelcome;
        try {
            answer->level = commonLevel(hello.level);
        } catch (const Error& error) {
            log(LogLevel::warning, "agent.unsupported",
                {{"agent", agent}, {"error", error.what()}});
            throw;
        }
        if (CORBA::is_nil(control)) {
            throw Error(ErrorCode::invalidArgument, "an agent attaches with its AgentControl");
        }
        if (!leadsBack_(control)) {
            log(LogLevel::warning, "agent.foreign-callback",
                {{"agent", agent}, {"address", caller.address}});
            throw Error(ErrorCode::permissionDenied,
                        "the AgentControl is not at the other end of this connection");
        }
        const LinkKey link = registry_.attach(
            caller, {Coffer::AgentControl::_duplicate(control), boundedFacts(hello.facts),
                     boundedProgress(hello.active), boundedRuns(hello.unreported)});
        answer->more = rpc::toSettings(registry_.givenSettings(agent));
        welcome = answer._retn();
        return refer_(link);
    });
}

char* AgentPort::renew(const char* request) {
    return rpc::serve(
        "renew", [&] { return CORBA::string_dup(enrolment_.renew(caller_(), request).c_str()); });
}

}  // namespace coffer
