#include "management_server/access/session_servant.h"

#include <utility>

#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/service/log.h"
#include "management_server/access/protocol_level.h"

namespace coffer {

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
                             {"level", std::to_string(Coffer::protocolLevel)}}));
        return said._retn();
    });
}

template <class Interface>
typename Interface::_ptr_type SessionServant::managerOf(const char* operation,
                                                        const std::string& poa) {
    return rpc::serve(operation, [&] {
        const CORBA::Object_var manager =
            references_(poa, sessions_.require(), Interface::_PD_repoId);
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

void SessionServant::changePassword(const char* oldPassword, const char* newPassword) {
    rpc::serve("changePassword", [&] {
        const UserSession session = sessions_.requireEvenLimited();
        const std::string fresh = newPassword;
        checkNewPassword(session.user, fresh);
        if (fresh == oldPassword) {
            throw Error(ErrorCode::invalidArgument, "the new password is the old one");
        }
        authentication_.check(session.user, oldPassword, Authentication::Proof::certificate,
                              address_());
        users_.setPassword(session.user, fresh, false);
        log(LogLevel::info, "password.changed", {{"user", session.user}});
        sessions_.passwordChanged(session);
    });
}

void SessionServant::logout() {
    rpc::serve("logout", [&] { sessions_.end(sessions_.requireEvenLimited().id); });
}

}  // namespace coffer
