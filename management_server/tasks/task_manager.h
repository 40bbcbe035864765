#pragma once

#include "idl/management.hh"
#include "management_server/access/session_table.h"
#include "management_server/runs/run_rights.h"
#include "management_server/tasks/task_editing.h"
#include "management_server/tasks/task_starter.h"
#include "management_server/tasks/tasks.h"

namespace coffer {

/// What it takes to start it, by a user and by its schedule.
std::vector<RightOver> rightsToStart(const Task& task);

/// What it takes to make it, or to change it into this.
std::vector<RightOver> rightsToEnter(const Task& task);

/// TaskManager of every session: the default servant of the POA "tasks", whose object ids are
/// session keys. Safe to share between threads.
class TaskManager : public POA_Coffer::TaskManager {
  public:
    /// All outlive it. `sendsMail`: whether the server has a mail server.
    TaskManager(SessionTable& sessions, Tasks& tasks, TaskEditing& editing, TaskStarter& starter,
                const Clock& clock, bool sendsMail)
        : sessions_(sessions),
          tasks_(tasks),
          editing_(editing),
          starter_(starter),
          clock_(clock),
          sendsMail_(sendsMail) {}

    /// What runNow() does, for a session that came in another way.
    std::vector<std::int64_t> start(const UserSession& session, const std::string& name);

    Coffer::TaskInfos* list() override;
    Coffer::TaskInfo* get(const char* name) override;
    CORBA::LongLong put(const char* name, const Coffer::Settings& definition,
                        CORBA::LongLong expectedVersion) override;
    void remove(const char* name, CORBA::LongLong expectedVersion) override;
    CORBA::LongLong enable(const char* name, CORBA::Boolean enabled) override;
    Coffer::RunNumbers* runNow(const char* name) override;
    Coffer::Moments* preview(const char* name, CORBA::ULong atMost) override;
    Coffer::Moments* previewSchedule(const char* schedule, const char* zone,
                                     CORBA::ULong atMost) override;
    char* exportText(const char* name) override;
    Coffer::TaskChanges* importText(const char* text, CORBA::Boolean dryRun) override;

  private:
    KnownTask shown(const std::string& name);  // throws unless the session may look at it
    KnownTask shownTo(const UserSession& session, const std::string& name) const;
    UserSession require(Right right, const KnownTask& known);
    bool may(const UserSession& session, Right right, const KnownTask& known) const;
    void checkMayEnter(const UserSession& session, const Task& task) const;
    void checkMayStart(const UserSession& session, const Task& task) const;
    TaskEditing::Check mayForget(const UserSession& session) const;

    SessionTable& sessions_;
    Tasks& tasks_;
    TaskEditing& editing_;
    TaskStarter& starter_;
    const Clock& clock_;
    const bool sendsMail_;
};

}  // namespace coffer
