#pragma once

#include "idl/settings.hh"
#include "management_server/access/session_table.h"
#include "management_server/settings/settings_keeper.h"

namespace coffer {

/// Servant of all SettingsManager objects; the default servant of the POA "settings". Safe to share
/// between threads.
class SettingsManager : public POA_Coffer::SettingsManager {
  public:
    /// Both outlive it.
    SettingsManager(SessionTable& sessions, SettingsKeeper& keeper)
        : sessions_(sessions), keeper_(keeper) {}

    Coffer::SettingInfos* list() override;
    Coffer::SettingInfo* get(const char* name) override;
    CORBA::LongLong set(const char* name, const char* value, CORBA::LongLong expected) override;
    CORBA::LongLong reset(const char* name, CORBA::LongLong expected) override;
    Coffer::SettingRecords* history(const char* name, CORBA::LongLong before,
                                    CORBA::ULong atMost) override;
    char* exportText() override;
    Coffer::SettingChanges* importText(const char* text, CORBA::Boolean dryRun) override;

  private:
    template <class Work>
    auto audited(const UserSession& session, const std::vector<SettingEdit>& edits,
                 const Work& work);

    SessionTable& sessions_;
    SettingsKeeper& keeper_;
};

}  // namespace coffer
