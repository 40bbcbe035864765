#include "management_server/agents/agent_manager.h"

#include <utility>

#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/service/log.h"

namespace coffer {

namespace {

const char* stateOf(const AgentRecord& agent) {
    if (agent.revoked) return "revoked";
    return agent.attached ? "attached" : "away";
}

void put(const AgentRecord& from, const std::optional<Timestamp>& proven, Coffer::AgentInfo& to) {
    to.name = from.name.c_str();
    to.state = stateOf(from);
    to.lastSeen = from.lastSeen ? rpc::toMoment(*from.lastSeen) : rpc::unknownMoment();
    to.enrolled = rpc::toMoment(from.enrolled);
    rpc::SettingMap facts = from.facts;
    if (proven) facts["last-proven"] = toIso8601(*proven);
    to.facts = rpc::toSettings(facts);
}

}  // namespace

AgentManager::AgentManager(SessionTable& sessions, AgentRegistry& registry, Enrolment& enrolment,
                           Root root, LastProven lastProven)
    : sessions_(sessions),
      registry_(registry),
      enrolment_(enrolment),
      root_(std::move(root)),
      lastProven_(std::move(lastProven)) {}

Coffer::AgentInfos* AgentManager::list() {
    return rpc::serve("list", [&] {
        sessions_.require();
        const std::vector<AgentRecord> agents = registry_.list();
        Coffer::AgentInfos_var infos = new Coffer::AgentInfos;
        infos->length(static_cast<CORBA::ULong>(agents.size()));
        CORBA::ULong at = 0;
        for (const AgentRecord& agent : agents) put(agent, lastProven_(agent.id), infos[at++]);
        return infos._retn();
    });
}

Coffer::Folder_ptr AgentManager::root(const char* agent) {
    return rpc::serve("root", [&] {
        const UserSession session = sessions_.require();
        registry_.control(agent);  // whether it is there
        return root_(session, agent);
    });
}

char* AgentManager::makeToken(const char* name, CORBA::ULong validSeconds) {
    return rpc::serve("makeToken", [&] {
        const UserSession session = sessions_.require();
        return CORBA::string_dup(enrolment_.makeToken(name, validSeconds, session.user).c_str());
    });
}

void AgentManager::revoke(const char* agent) {
    rpc::serve("revoke", [&] {
        const UserSession session = sessions_.require();
        log(LogLevel::warning, "agent.revoke",
            {{"agent", std::string(agent).substr(0, longestCommonName)}, {"user", session.user}});
        registry_.revoke(agent);
    });
}

}  // namespace coffer
