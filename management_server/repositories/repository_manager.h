#pragma once

#include "core/base/clock.h"
#include "idl/management.hh"
#include "management_server/access/session_table.h"
#include "management_server/events/event_recorder.h"
#include "management_server/repositories/server_repositories.h"

namespace coffer {

/// Servant of all RepositoryManager objects: POA "repositories". All arguments outlive it. Safe to
/// share.
class RepositoryManager : public POA_Coffer::RepositoryManager {
  public:
    RepositoryManager(SessionTable& sessions, ServerRepositories& repositories,
                      EventRecorder& events, const Clock& clock);

    Coffer::RepositoryInfos* list() override;
    Coffer::RepositoryInfo* get(const char* name) override;
    void create(const char* name, const Coffer::PathOctets& folder) override;
    char* exportKit(const char* name) override;
    void confirmKit(const char* name, const char* kit) override;

  private:
    Coffer::RepositoryInfo infoOf(const RepositoryRecord& record) const;

    SessionTable& sessions_;
    ServerRepositories& repositories_;
    EventRecorder& events_;
    const Clock& clock_;
};

}  // namespace coffer
