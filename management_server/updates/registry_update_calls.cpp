#include "management_server/updates/registry_update_calls.h"

#include <chrono>

#include "core/base/error.h"
#include "core/rpc/failure.h"
#include "management_server/agents/agent_bounds.h"

namespace coffer {

namespace {

constexpr std::chrono::seconds deadline{10};

}  // namespace

bool RegistryUpdateCalls::mayAttach(const std::string& agent) {
    try {
        const AgentRecord record = registry_.get(agent);
        return !record.revoked && !record.suspended;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::notFound) throw;
        return false;
    }
}

rpc::SettingMap RegistryUpdateCalls::describe(const std::string& agent) {
    const Coffer::AgentControl_var control = registry_.control(agent);
    rpc::setDeadline(deadline);
    const Coffer::Settings_var facts =
        rpc::call("ask the agent", [&] { return Coffer::Settings_var(control->describe()); });
    return boundedFacts(facts);
}

void RegistryUpdateCalls::offer(const std::string& agent, const Bytes& head) {
    const Coffer::AgentControl_var control = registry_.control(agent);
    rpc::setDeadline(deadline);
    rpc::call("offer the update", [&] { control->offerUpdate(rpc::toOctets(head)); });
}

}  // namespace coffer
