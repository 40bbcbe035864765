#pragma once

#include <functional>
#include <string>

#include "core/base/clock.h"
#include "core/rpc/convert.h"
#include "idl/management.hh"
#include "management_server/access/confirmations.h"
#include "management_server/access/session_table.h"
#include "management_server/events/event_recorder.h"
#include "management_server/repositories/repository_removals.h"

namespace coffer {

/// How a RepositoryManager removes: without them not at all, or without asking a second person.
struct RepositoryRemoving {
    RepositoryRemovals* removals = nullptr;
    Confirmations* confirmations = nullptr;
};

/// Servant of all RepositoryManager objects: POA "repositories". All arguments outlive it. Safe to
/// share.
class RepositoryManager : public POA_Coffer::RepositoryManager {
  public:
    /// What others know of a repository, for RepositoryInfo::facts.
    using Facts = std::function<rpc::SettingMap(const std::string& name, Repository& repository)>;

    RepositoryManager(SessionTable& sessions, ServerRepositories& repositories,
                      EventRecorder& events, const Clock& clock, Facts more = {},
                      RepositoryRemoving removing = {});

    Coffer::RepositoryInfos* list() override;
    Coffer::RepositoryInfo* get(const char* name) override;
    void create(const char* name, const Coffer::PathOctets& folder) override;
    void adopt(const char* name, const Coffer::PathOctets& folder, const char* kit) override;
    char* exportKit(const char* name) override;
    void confirmKit(const char* name, const char* kit) override;
    Coffer::Moment remove(const char* name, const Coffer::Settings& options) override;
    void keep(const char* name) override;

  private:
    RepositoryRemovals& removals() const;
    Coffer::RepositoryInfo infoOf(const RepositoryRecord& record) const;
    Coffer::RepositoryInfo infoOfRemoved(const RepositoryRecord& record) const;

    SessionTable& sessions_;
    ServerRepositories& repositories_;
    EventRecorder& events_;
    const Clock& clock_;
    const Facts more_;
    const RepositoryRemoving removing_;
};

}  // namespace coffer
