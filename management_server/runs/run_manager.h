#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "idl/management.hh"
#include "management_server/access/session_table.h"
#include "management_server/runs/runs.h"

namespace coffer {

/// What a run is about.
Scope scopeOf(const RunRecord& run);

/// What it takes to start a run of that kind, and to stop it.
Right rightToStart(std::string_view kind);

/// RunManager of every session: the default servant of the POA "runs", whose object ids are session
/// keys. Safe to share between threads.
class RunManager : public POA_Coffer::RunManager {
  public:
    /// Name of the agent whose snapshot it is; of one that is not there the empty name.
    using SnapshotAgent =
        std::function<std::string(const std::string& repository, const std::string& snapshot)>;

    /// All outlive it.
    RunManager(SessionTable& sessions, Runs& runs, SnapshotAgent agentOf)
        : sessions_(sessions), runs_(runs), agentOf_(std::move(agentOf)) {}

    CORBA::LongLong startBackup(const char* agent, const Coffer::Paths& what,
                                const Coffer::Strings& excludes, const char* repository,
                                const Coffer::Settings& options) override;
    CORBA::LongLong startRestore(const char* repository, const char* snapshot,
                                 const Coffer::Paths& what, const char* agent,
                                 const Coffer::PathOctets& target,
                                 const Coffer::Settings& options) override;
    CORBA::LongLong startVerify(const char* repository, const Coffer::Settings& options) override;
    CORBA::LongLong startPrune(const char* repository, const Coffer::Settings& options) override;
    CORBA::LongLong startRehearsal(const char* repository, const char* snapshot,
                                   const Coffer::Paths& what,
                                   const Coffer::Settings& options) override;

    CORBA::LongLong startRepair(const char* repository, const Coffer::Settings& options) override;
    CORBA::LongLong startReplica(const char* repository, const Coffer::PathOctets& folder,
                                 const Coffer::Settings& options) override;

    Coffer::RunInfos* list(CORBA::LongLong before, CORBA::ULong atMost) override;
    Coffer::RunInfo* get(CORBA::LongLong run) override;
    Coffer::RunInfo* wait(CORBA::LongLong run, CORBA::ULong waitMs) override;
    Coffer::RunProblems* problems(CORBA::LongLong run) override;
    void cancel(CORBA::LongLong run) override;
    void resume(CORBA::LongLong run) override;

  private:
    CORBA::LongLong startOfRepository(const char* operation, const char* kind,
                                      const char* repository, const Coffer::Settings& options);
    CORBA::LongLong begin(const UserSession& session, RunRecord run);
    bool isShown(const UserSession& session, const RunRecord& run) const;
    RunRecord shown(CORBA::LongLong run);
    UserSession requireToStart(const RunRecord& run);
    void requireSource(const UserSession& session, Right right, const RunRecord& run) const;

    SessionTable& sessions_;
    Runs& runs_;
    const SnapshotAgent agentOf_;
};

}  // namespace coffer
