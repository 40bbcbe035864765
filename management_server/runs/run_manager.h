#pragma once

#include <utility>

#include "idl/management.hh"
#include "management_server/runs/run_rights.h"

namespace coffer {

/// RunManager of every session: the default servant of the POA "runs", whose object ids are session
/// keys. Safe to share between threads.
class RunManager : public POA_Coffer::RunManager {
  public:
    /// Both outlive it.
    RunManager(SessionTable& sessions, Runs& runs, RunRights::SnapshotAgent agentOf)
        : sessions_(sessions), runs_(runs), rights_(sessions, runs, std::move(agentOf)) {}

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
    CORBA::LongLong startCopy(const char* repository, const char* target,
                              const Coffer::Strings& snapshots,
                              const Coffer::Settings& options) override;
    CORBA::LongLong startSynchronise(const Coffer::PathOctets& source,
                                     const Coffer::PathOctets& target,
                                     const Coffer::Strings& excludes,
                                     const Coffer::Settings& options) override;
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
    void checkHooks(const UserSession& session, const std::string& agent,
                    const RunTexts& options) const;
    CORBA::LongLong begin(const UserSession& session, RunRecord run);

    SessionTable& sessions_;
    Runs& runs_;
    const RunRights rights_;
};

}  // namespace coffer
