#pragma once

#include "idl/management.hh"

namespace coffer {

/// A session that leads to nothing; who derives from it says who calls.
class BareSession : public POA_Coffer::Session {
  public:
    Coffer::AgentManager_ptr agents() override { return {}; }
    Coffer::RunManager_ptr runs() override { return {}; }
    Coffer::SnapshotManager_ptr snapshots() override { return {}; }
    Coffer::RepositoryManager_ptr repositories() override { return {}; }
    Coffer::EventLog_ptr events() override { return {}; }
    Coffer::RunLog_ptr logs() override { return {}; }
    Coffer::StatusBoard_ptr status() override { return {}; }
    Coffer::QueueBoard_ptr queue() override { return {}; }
    Coffer::UpdateManager_ptr updates() override { return {}; }
    Coffer::SettingsManager_ptr serverSettings() override { return {}; }
    Coffer::FileCatalog_ptr catalog() override { return {}; }
    Coffer::TaskManager_ptr tasks() override { return {}; }
    void changePassword(const char*, const char*) override {}
    void logout() override {}
    Coffer::AccessManager_ptr access() override { return {}; }
    void enterCode(const char*) override {}
};

}  // namespace coffer
