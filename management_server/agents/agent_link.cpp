#include "management_server/agents/agent_link.h"

#include <utility>

#include "core/rpc/failure.h"
#include "core/service/log.h"
#include "management_server/agents/agent_bounds.h"

namespace coffer {

AgentLink::AgentLink(AgentRegistry& registry, AgentListener& listener,
                     std::function<rpc::Caller()> caller, std::function<Bytes()> objectId)
    : registry_(registry),
      listener_(listener),
      caller_(std::move(caller)),
      objectId_(std::move(objectId)) {}

void AgentLink::heartbeat() {
    rpc::serve("heartbeat", [&] { enter(); });
}

void AgentLink::progress(const Coffer::RunProgressList& news) {
    rpc::serve("progress", [&] {
        const std::string agent = enter();
        const Coffer::RunProgressList bounded = boundedProgress(news);
        for (CORBA::ULong at = 0; at < bounded.length(); ++at) {
            listener_.progress(agent, bounded[at]);
        }
    });
}

void AgentLink::finished(const Coffer::RunResult& result) {
    rpc::serve("finished", [&] {
        const std::string agent = enter();
        listener_.finished(agent, boundedResult(result));
    });
}

void AgentLink::detach() {
    // Nobody waits for an answer.
    try {
        const LinkKey link = calledLink();
        registry_.detach(registry_.callingAgent(caller_()), link);
    } catch (const std::exception& error) {
        log(LogLevel::warning, "agent.detach", {{"error", error.what()}});
    }
}

/// The agent that calls, over its present link; stamps the sign of life.
std::string AgentLink::enter() {
    const std::string agent = registry_.callingAgent(caller_());
    registry_.heard(agent, calledLink());
    return agent;
}

LinkKey AgentLink::calledLink() const {
    const Bytes id = objectId_();
    if (id.size() != sizeof(LinkKey::bytes)) {
        throw Error(ErrorCode::gone, "this link has ended: attach again");
    }
    return LinkKey::from(id);
}

}  // namespace coffer
