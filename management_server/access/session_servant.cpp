#include "management_server/access/session_servant.h"

#include <utility>

#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/service/log.h"
#include "management_server/access/protocol_level.h"

namespace coffer {

namespace {

// Those that the session has somewhere.
std::string rightsOf(const SessionTable& sessions, const UserSession& session) {
    std::string names;
    for (std::size_t i = 0; i < rightCount; ++i) {
        const auto right = static_cast<Right>(i);
        if (!sessions.may(session, right, Scope::some())) continue;
        names += (names.empty() ? "" : ",") + std::string(nameOf(right));
    }
    return names;
}

}  // namespace

SessionServant::SessionServant(SessionTable& sessions, UserTable& users,
                               Authentication& authentication, SessionReferences references,
                               std::function<std::string()> address)
    : sessions_(sessions),
      users_(users),
      authentication_(authentication),
      references_(std::move(references)),
      address_(std::move(address)) {}

Coffer::Settings* SessionServant::whoAmI() {
    return rpc::serve("whoAmI", [&] {
        const UserSession session = sessions_.requireEvenLimited();
        const auto user = users_.find(session.user);
        Coffer::Settings_var said = new Coffer::Settings(
            rpc::toSettings({{"user", session.user},
                             {"must-change", user && user->mustChange ? "yes" : "no"},
                             {"second-factor", sessions_.needsCode(session) ? "needed" : "no"},
                             {"rights", rightsOf(sessions_, session)},
                             {"level", std::to_string(Coffer::protocolLevel)}}));
        return said._retn();
    });
}

template <class Interface>
typename Interface::_ptr_type SessionServant::managerOf(const char* operation,
                                                        const std::string& poa) {
    return rpc::serve(operation, [&] {
        const CORBA::Object_var manager =
            references_(poa, sessions_.requireAny(), Interface::_PD_repoId);
        return Interface::_unchecked_narrow(manager);
    });
}

Coffer::AgentManager_ptr SessionServant::agents() {
    return managerOf<Coffer::AgentManager>("agents", "agents");
}

Coffer::RunManager_ptr SessionServant::runs() {
    return managerOf<Coffer::RunManager>("runs", "runs");
}

Coffer::SnapshotManager_ptr SessionServant::snapshots() {
    return managerOf<Coffer::SnapshotManager>("snapshots", "snapshots");
}

Coffer::RepositoryManager_ptr SessionServant::repositories() {
    return managerOf<Coffer::RepositoryManager>("repositories", "repositories");
}

Coffer::EventLog_ptr SessionServant::events() {
    return managerOf<Coffer::EventLog>("events", "events");
}

Coffer::AccessManager_ptr SessionServant::access() {
    return managerOf<Coffer::AccessManager>("access", "access");
}

Coffer::TaskManager_ptr SessionServant::tasks() {
    return managerOf<Coffer::TaskManager>("tasks", "tasks");
}

Coffer::RunLog_ptr SessionServant::logs() {
    return managerOf<Coffer::RunLog>("logs", "logs");
}

Coffer::StatusBoard_ptr SessionServant::status() {
    return managerOf<Coffer::StatusBoard>("status", "status");
}

Coffer::QueueBoard_ptr SessionServant::queue() {
    return managerOf<Coffer::QueueBoard>("queue", "queue");
}

Coffer::UpdateManager_ptr SessionServant::updates() {
    return managerOf<Coffer::UpdateManager>("updates", "updates");
}

Coffer::SettingsManager_ptr SessionServant::serverSettings() {
    return managerOf<Coffer::SettingsManager>("serverSettings", "settings");
}

Coffer::FileCatalog_ptr SessionServant::catalog() {
    return managerOf<Coffer::FileCatalog>("catalog", "catalog");
}

void SessionServant::enterCode(const char* code) {
    rpc::serve("enterCode", [&] {
        const UserSession session = sessions_.requireEvenLimited();
        if (!sessions_.needsCode(session)) {
            throw Error(ErrorCode::conflict, "this session needs no code");
        }
        authentication_.checkCode(session.user, code, address_());
        sessions_.codeGiven(session);
    });
}

void SessionServant::changePassword(const char* oldPassword, const char* newPassword) {
    rpc::serve("changePassword", [&] {
        const UserSession session = sessions_.requireForPassword();
        sessions_.refuseDirectoryUser(session);
        const std::string fresh = newPassword;
        users_.checkPassword(session.user, fresh);
        if (fresh == oldPassword) {
            throw Error(ErrorCode::invalidArgument, "the new password is the old one");
        }
        const KnownUser known = authentication_.check(
            session.user, oldPassword, Authentication::Proof::certificate, address_());
        if (known.token) {
            throw Error(ErrorCode::permissionDenied, "a token is not for this: give the password");
        }
        sessions_.audited(session, {"password-changed", session.user},
                          [&] { users_.setPassword(session.user, fresh, false); });
        log(LogLevel::info, "password.changed", {{"user", session.user}});
        sessions_.passwordChanged(session);
    });
}

void SessionServant::logout() {
    rpc::serve("logout", [&] { sessions_.end(sessions_.requireEvenLimited().id); });
}

}  // namespace coffer
