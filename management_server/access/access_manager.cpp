#include "management_server/access/access_manager.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/rpc/failure.h"

namespace coffer {

namespace {

constexpr std::size_t longestShown = 200;

std::string shortened(const std::string& text) {
    return text.substr(0, longestShown);
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
    return text;
}

Coffer::UserInfo toUserInfo(const User& user, bool secondFactor) {
    Coffer::UserInfo info;
    info.name = user.name.c_str();
    info.disabled = user.disabled;
    info.mustChange = user.mustChange;
    info.secondFactor = secondFactor;
    info.made = rpc::toMoment(user.made);
    info.changed = rpc::toMoment(user.changed);
    return info;
}

}  // namespace

std::string shownGrant(const Grant& grant) {
    std::string text(nameOf(grant.role));
    if (!grant.component.empty()) text += " " + grant.component;
    if (!grant.agents.empty()) text += " agents " + joined(grant.agents);
    return text;
}

Coffer::GrantInfo toGrantInfo(std::int64_t number, const std::string& holder, const Grant& grant) {
    Coffer::GrantInfo info;
    info.number = number;
    info.holder = holder.c_str();
    info.role = std::string(nameOf(grant.role)).c_str();
    info.part = grant.component.c_str();
    info.agents = rpc::toStrings(grant.agents);
    return info;
}

Grant toGrant(const Coffer::GrantInfo& info) {
    Grant grant{userRoleOf(info.role.in()), info.part.in(), rpc::toTexts(info.agents)};
    checkGrant(grant);
    return grant;
}

template <class Work>
auto AccessManager::change(const char* operation, const Change& change, Work&& work) {
    return rpc::serve(operation, [&] {
        const UserSession session = parts_.sessions.require(Right::manageAccess);
        return parts_.sessions.audited(session, change, std::forward<Work>(work));
    });
}

Coffer::UserInfos* AccessManager::users() {
    return rpc::serve("list users", [&] {
        parts_.sessions.require(Right::manageAccess);
        const std::vector<User> users = parts_.users.list();
        const auto groups = parts_.permissions.groups();
        const auto infoOf = [&](const User& user) {
            Coffer::UserInfo info = toUserInfo(user, parts_.factors.isOn(user.name));
            std::vector<std::string> in;
            for (const auto& [group, members] : groups) {
                if (std::ranges::count(members, user.name) > 0) in.push_back(group);
            }
            info.groups = rpc::toStrings(in);
            return info;
        };
        return new Coffer::UserInfos(rpc::sequenceOf<Coffer::UserInfos>(users, infoOf));
    });
}

char* AccessManager::addUser(const char* name) {
    return change("add a user", {"user-added", shortened(name)}, [&] {
        const std::string password = makeOneTimePassword();
        parts_.users.add(name, password, true);
        // Who was called so in a directory is somebody else from now on.
        parts_.sessions.endUser(name);
        parts_.factors.remove(name);
        return CORBA::string_dup(password.c_str());
    });
}

void AccessManager::removeUser(const char* name) {
    change("remove a user", {"user-removed", shortened(name)}, [&] {
        parts_.permissions.removeUser(name);
        parts_.sessions.endUser(name);
    });
}

void AccessManager::enableUser(const char* name, CORBA::Boolean enabled) {
    change("enable a user", {enabled ? "user-enabled" : "user-disabled", shortened(name)}, [&] {
        parts_.permissions.setEnabled(name, enabled);
        if (!enabled) parts_.sessions.endUser(name);
    });
}

char* AccessManager::resetPassword(const char* name) {
    return change("reset a password", {"password-reset", shortened(name)}, [&] {
        const std::string password = makeOneTimePassword();
        parts_.users.setPassword(name, password, true);
        parts_.sessions.endUser(name);
        return CORBA::string_dup(password.c_str());
    });
}

void AccessManager::removeSecondFactor(const char* name) {
    change("remove a second factor", {"second-factor-removed", shortened(name)}, [&] {
        // A user of the directory may have one, too.
        if (!parts_.users.find(name) && !parts_.factors.isOn(name)) {
            throw Error(ErrorCode::notFound, "there is no user of this name");
        }
        parts_.factors.remove(name);
    });
}

Coffer::GroupInfos* AccessManager::groups() {
    return rpc::serve("list groups", [&] {
        parts_.sessions.require(Right::manageAccess);
        const auto groups = parts_.permissions.groups();
        return new Coffer::GroupInfos(
            rpc::sequenceOf<Coffer::GroupInfos>(groups, [](const auto& group) {
                Coffer::GroupInfo info;
                info.name = group.first.c_str();
                info.members = rpc::toStrings(group.second);
                return info;
            }));
    });
}

void AccessManager::addGroup(const char* name) {
    change("add a group", {"group-added", shortened(name)},
           [&] { parts_.permissions.addGroup(name); });
}

void AccessManager::removeGroup(const char* name) {
    change("remove a group", {"group-removed", shortened(name)},
           [&] { parts_.permissions.removeGroup(name); });
}

void AccessManager::addMember(const char* group, const char* user) {
    change("add a member", {"member-added", shortened(group), {}, {{"user", shortened(user)}}},
           [&] { parts_.permissions.addMember(group, user); });
}

void AccessManager::removeMember(const char* group, const char* user) {
    change("remove a member", {"member-removed", shortened(group), {{"user", shortened(user)}}},
           [&] { parts_.permissions.removeMember(group, user); });
}

Coffer::GrantInfos* AccessManager::grants() {
    return rpc::serve("list grants", [&] {
        const UserSession session = parts_.sessions.requireAny();
        const auto groups = parts_.sessions.directoryGroups(session);
        const std::vector<HeldGrant> held = parts_.sessions.may(session, Right::manageAccess, {})
                                                ? parts_.permissions.grants()
                                            : groups ? parts_.permissions.grantsOfGroups(*groups)
                                                     : parts_.permissions.grantsOf(session.user);
        return new Coffer::GrantInfos(
            rpc::sequenceOf<Coffer::GrantInfos>(held, [](const HeldGrant& grant) {
                return toGrantInfo(grant.number, grant.holder, grant.grant);
            }));
    });
}

CORBA::LongLong AccessManager::addGrant(const Coffer::GrantInfo& info) {
    return rpc::serve("add a grant", [&] {
        const UserSession session = parts_.sessions.require(Right::manageAccess);
        const Grant grant = toGrant(info);
        for (const std::string& agent : grant.agents) {
            during("agent " + printable(agent), [&] { parts_.agents.require(agent); });
        }
        const std::string holder = info.holder.in();
        return parts_.sessions.audited(
            session, {"grant-added", shortened(holder), {}, {{"grant", shownGrant(grant)}}},
            [&]() -> CORBA::LongLong { return parts_.permissions.add(holder, grant); });
    });
}

void AccessManager::removeGrant(CORBA::LongLong number) {
    rpc::serve("remove a grant", [&] {
        const UserSession session = parts_.sessions.require(Right::manageAccess);
        const HeldGrant held = parts_.permissions.get(number);
        parts_.sessions.audited(session,
                                {"grant-removed", held.holder, {{"grant", shownGrant(held.grant)}}},
                                [&] { parts_.permissions.remove(number); });
    });
}

void AccessManager::suspendAgent(const char* agent) {
    setSuspended(agent, true);
}

void AccessManager::resumeAgent(const char* agent) {
    setSuspended(agent, false);
}

void AccessManager::setSuspended(const char* agent, bool suspended) {
    rpc::serve("suspend an agent", [&] {
        const UserSession session = parts_.sessions.require(Right::manageAgents, Scope::of(agent));
        const char* action = suspended ? "agent-suspended" : "agent-resumed";
        parts_.sessions.audited(session, {action, shortened(agent)},
                                [&] { parts_.agents.suspend(agent, suspended); });
    });
}

void AccessManager::labelAgent(const char* agent, const Coffer::Settings& labels) {
    rpc::serve("label an agent", [&] {
        const UserSession session = parts_.sessions.require(Right::manageAgents, Scope::of(agent));
        const rpc::SettingMap given = rpc::toMap(labels);
        parts_.sessions.audited(session, {"agent-labelled", shortened(agent), {}, given},
                                [&] { parts_.agents.label(agent, given); });
    });
}

// Over everything: who has a part by names must not move agents into it or out of it.
void AccessManager::renameAgent(const char* agent, const char* name) {
    rpc::serve("rename an agent", [&] {
        const UserSession session = parts_.sessions.require(Right::manageAgents);
        const Change change{"agent-renamed", shortened(agent), {}, {{"name", shortened(name)}}};
        parts_.sessions.audited(session, change,
                                [&] { parts_.agents.rename(session.user, agent, name); });
    });
}

Coffer::AuditLog_ptr AccessManager::audit() {
    return rpc::serve("audit", [&] {
        const UserSession session = parts_.sessions.requireAny();
        const CORBA::Object_var log =
            parts_.references("audit", session, Coffer::AuditLog::_PD_repoId);
        return Coffer::AuditLog::_unchecked_narrow(log);
    });
}

Coffer::RequestBoard_ptr AccessManager::requests() {
    return rpc::serve("requests", [&] {
        const UserSession session = parts_.sessions.requireAny();
        const CORBA::Object_var board =
            parts_.references("requests", session, Coffer::RequestBoard::_PD_repoId);
        return Coffer::RequestBoard::_unchecked_narrow(board);
    });
}

}  // namespace coffer
