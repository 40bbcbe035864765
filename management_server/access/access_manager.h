#pragma once

#include <functional>
#include <string>

#include "core/rpc/convert.h"
#include "idl/access.hh"
#include "management_server/access/authentication.h"
#include "management_server/access/permissions.h"
#include "management_server/access/session_servant.h"
#include "management_server/access/session_table.h"

namespace coffer {

/// What the AccessManager asks for of agents.
struct AgentKeeping {
    std::function<void(const std::string& agent, bool suspended)> suspend;  // Error(notFound)

    std::function<void(const std::string& agent, const rpc::SettingMap& labels)> label;

    std::function<void(const std::string& user, const std::string& agent, const std::string& name)>
        rename;

    std::function<void(const std::string& agent)> require;  // Error(notFound)
};

/// What the AccessManager needs; all of it outlives the servant.
struct AccessParts {
    SessionTable& sessions;
    UserTable& users;
    Permissions& permissions;
    ApiTokens& tokens;
    SecondFactors& factors;
    Authentication& authentication;
    const Clock& clock;
    AgentKeeping agents;
    SessionReferences references;
    std::function<std::string()> address;
};

/// Servant of all AccessManager objects; the default servant of the POA "access".
class AccessManager : public POA_Coffer::AccessManager {
  public:
    explicit AccessManager(AccessParts parts) : parts_(std::move(parts)) {}

    Coffer::UserInfos* users() override;
    char* addUser(const char* name) override;
    void removeUser(const char* name) override;
    void enableUser(const char* name, CORBA::Boolean enabled) override;
    char* resetPassword(const char* name) override;
    void removeSecondFactor(const char* name) override;
    Coffer::GroupInfos* groups() override;
    void addGroup(const char* name) override;
    void removeGroup(const char* name) override;
    void addMember(const char* group, const char* user) override;
    void removeMember(const char* group, const char* user) override;
    Coffer::GrantInfos* grants() override;
    CORBA::LongLong addGrant(const Coffer::GrantInfo& grant) override;
    void removeGrant(CORBA::LongLong number) override;

    // In own_access.cpp: what every user may do with what is his own.
    Coffer::ApiTokenInfos* tokens() override;
    char* makeToken(const char* title, CORBA::ULong validDays,
                    const Coffer::GrantInfos& grants) override;
    void removeToken(const char* id) override;
    Coffer::SecondFactorInfo* beginSecondFactor() override;
    Coffer::Strings* confirmSecondFactor(const char* code) override;
    void endSecondFactor(const char* code) override;

    void suspendAgent(const char* agent) override;
    void resumeAgent(const char* agent) override;
    void labelAgent(const char* agent, const Coffer::Settings& labels) override;
    void renameAgent(const char* agent, const char* name) override;

    Coffer::AuditLog_ptr audit() override;
    Coffer::RequestBoard_ptr requests() override;

  private:
    /// Checks the right to manage access, writes the change down and makes it.
    template <class Work>
    auto change(const char* operation, const Change& change, Work&& work);
    void setSuspended(const char* agent, bool suspended);

    const AccessParts parts_;
};

/// A grant as the IDL has it, and back. The latter throws Error(invalidArgument).
Coffer::GrantInfo toGrantInfo(std::int64_t number, const std::string& holder, const Grant& grant);
Grant toGrant(const Coffer::GrantInfo& info);

/// "operator north/mail agents laptop", for the audit log.
std::string shownGrant(const Grant& grant);

}  // namespace coffer
