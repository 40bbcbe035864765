#include "management_server/agents/agent_manager.h"

#include <algorithm>
#include <utility>

#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/service/log.h"

namespace coffer {

const char* stateOf(const AgentRecord& agent) {
    if (agent.revoked) return "revoked";
    if (agent.suspended) return "suspended";
    return agent.attached ? "attached" : "away";
}

namespace {

constexpr const char* revokeAction = "revoke-agent";

std::string shortened(const std::string& name) {
    return name.substr(0, longestCommonName);
}

void put(const AgentRecord& from, const std::optional<Timestamp>& proven, Coffer::AgentInfo& to) {
    to.name = from.name.c_str();
    to.state = stateOf(from);
    to.lastSeen = rpc::toMoment(from.lastSeen);
    to.enrolled = rpc::toMoment(from.enrolled);
    rpc::SettingMap facts = from.facts;
    if (proven) facts["last-proven"] = toIso8601(*proven);
    for (const auto& [label, value] : from.labels) {
        std::string name = label;
        std::ranges::replace(name, '.', '-');  // names of facts have no dot
        facts[name] = value;
    }
    if (!from.address.empty()) facts["address"] = from.address;
    if (from.certificateEnds) facts["certificate-ends"] = toIso8601(*from.certificateEnds);
    to.facts = rpc::toSettings(facts);
}

}  // namespace

AgentManager::AgentManager(SessionTable& sessions, AgentRegistry& registry, Enrolment& enrolment,
                           Root root, LastProven lastProven, Confirmations* confirmations)
    : sessions_(sessions),
      registry_(registry),
      enrolment_(enrolment),
      root_(std::move(root)),
      lastProven_(std::move(lastProven)),
      confirmations_(confirmations) {
    if (!confirmations_) return;
    confirmations_->carryOut(revokeAction, [&registry](const Request& request) {
        registry.revoke(request.parameters.at("agent"));
    });
}

Coffer::AgentInfos* AgentManager::list() {
    return rpc::serve("list", [&] {
        const UserSession session = sessions_.require(Right::look, Scope::some());
        std::vector<AgentRecord> agents = registry_.list();
        std::erase_if(agents, [&](const AgentRecord& agent) {
            return !sessions_.may(session, Right::look, Scope::of(agent.name));
        });
        Coffer::AgentInfos_var infos = new Coffer::AgentInfos;
        infos->length(static_cast<CORBA::ULong>(agents.size()));
        CORBA::ULong at = 0;
        for (const AgentRecord& agent : agents) put(agent, lastProven_(agent.id), infos[at++]);
        return infos._retn();
    });
}

Coffer::Folder_ptr AgentManager::root(const char* agent) {
    return rpc::serve("root", [&] {
        const UserSession session = sessions_.require(Right::look, Scope::of(agent));
        registry_.control(agent);  // whether it is there
        return root_(session, agent);
    });
}

char* AgentManager::makeToken(const char* name, CORBA::ULong validSeconds) {
    return rpc::serve("makeToken", [&] {
        const UserSession session = sessions_.require(Right::manageAgents, Scope::of(name));
        const Change change{"enrolment-token-made",
                            shortened(name),
                            {},
                            {{"valid-seconds", std::to_string(validSeconds)}}};
        return sessions_.audited(session, change, [&] {
            return CORBA::string_dup(
                enrolment_.makeToken(name, validSeconds, session.user).c_str());
        });
    });
}

void AgentManager::revoke(const char* agent) {
    rpc::serve("revoke", [&] {
        const UserSession session = sessions_.require(Right::removeAgents, Scope::of(agent));
        log(LogLevel::warning, "agent.revoke",
            {{"agent", shortened(agent)}, {"user", session.user}});
        registry_.get(agent);
        sessions_.audited(session, {"agent-revoked", shortened(agent)}, [&] {
            if (confirmations_) {
                confirmations_->require(session.user, revokeAction, std::string("agent ") + agent,
                                        {{"agent", agent}});
            }
            registry_.revoke(agent);
        });
    });
}

}  // namespace coffer
