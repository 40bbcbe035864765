#pragma once

#include <functional>
#include <string>

#include "idl/management.hh"
#include "management_server/access/authentication.h"
#include "management_server/access/session_table.h"
#include "management_server/access/user_table.h"

namespace coffer {

/// Makes a reference to an object of a session: name of the POA, session, repository id of the
/// type.
using SessionReferences =
    std::function<CORBA::Object_ptr(const std::string& poa, const UserSession&, const char* type)>;

/// Servant of all Session objects; the default servant of the POA "sessions". Everything that a
/// session leads to has the session's key as its id, in a POA of its own.
class SessionServant : public POA_Coffer::Session {
  public:
    /// All outlive it. `address` gives the address of the peer that calls.
    SessionServant(SessionTable& sessions, UserTable& users, Authentication& authentication,
                   SessionReferences references, std::function<std::string()> address);

    Coffer::Settings* whoAmI() override;
    Coffer::AgentManager_ptr agents() override;
    Coffer::RunManager_ptr runs() override;
    Coffer::SnapshotManager_ptr snapshots() override;
    Coffer::RepositoryManager_ptr repositories() override;
    Coffer::EventLog_ptr events() override;
    Coffer::AccessManager_ptr access() override;
    void enterCode(const char* code) override;
    Coffer::TaskManager_ptr tasks() override;
    Coffer::RunLog_ptr logs() override;
    Coffer::StatusBoard_ptr status() override;
    Coffer::QueueBoard_ptr queue() override;
    Coffer::UpdateManager_ptr updates() override;
    Coffer::SettingsManager_ptr serverSettings() override;
    Coffer::FileCatalog_ptr catalog() override;
    void changePassword(const char* oldPassword, const char* newPassword) override;
    void logout() override;

  private:
    template <class Interface>
    typename Interface::_ptr_type managerOf(const char* operation, const std::string& poa);

    SessionTable& sessions_;
    UserTable& users_;
    Authentication& authentication_;
    const SessionReferences references_;
    const std::function<std::string()> address_;
};

}  // namespace coffer
