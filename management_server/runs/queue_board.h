#pragma once

#include "idl/queue.hh"
#include "management_server/runs/run_rights.h"

namespace coffer {

/// Servant of all QueueBoard objects; the default servant of the POA "queue". Safe to share between
/// threads.
class QueueBoard : public POA_Coffer::QueueBoard {
  public:
    /// Both outlive it.
    QueueBoard(SessionTable& sessions, Runs& runs, RunRights::SnapshotAgent agentOf)
        : sessions_(sessions), runs_(runs), rights_(sessions, runs, std::move(agentOf)) {}

    Coffer::QueuedRuns* list(CORBA::ULong atMost) override;
    void pause(CORBA::LongLong run, const char* why) override;
    void setPriority(CORBA::LongLong run, CORBA::Long priority) override;

  private:
    SessionTable& sessions_;
    Runs& runs_;
    const RunRights rights_;
};

}  // namespace coffer
