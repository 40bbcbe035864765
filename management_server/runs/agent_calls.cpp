#include "management_server/runs/agent_calls.h"

#include "core/base/error.h"
#include "core/rpc/failure.h"

namespace coffer {

AgentCalls::Identity RegistryCalls::identity(const std::string& agent) {
    const AgentRecord record = registry_.get(agent);
    if (record.revoked) {
        throw Error(ErrorCode::conflict, "the agent " + agent + " has been revoked");
    }
    return {record.id, record.verifyKey, record.has("stores")};
}

void RegistryCalls::startRun(const std::string& agent, const Coffer::RunOrder& order) {
    const Coffer::AgentControl_var control = registry_.control(agent);
    rpc::setDeadline(deadline_);
    rpc::call("start the run", [&] { control->startRun(order); });
}

void RegistryCalls::cancelRun(const std::string& agent, std::int64_t run) {
    const Coffer::AgentControl_var control = registry_.control(agent);
    rpc::setDeadline(deadline_);
    rpc::call("cancel the run", [&] { control->cancelRun(run); });
}

}  // namespace coffer
