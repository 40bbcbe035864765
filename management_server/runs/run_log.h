#pragma once

#include "idl/events.hh"
#include "management_server/access/session_table.h"
#include "management_server/runs/runs.h"

namespace coffer {

/// Servant of all RunLog objects; the default servant of the POA "logs".
class RunLog : public POA_Coffer::RunLog {
  public:
    /// Both outlive it.
    RunLog(SessionTable& sessions, Runs& runs) : sessions_(sessions), runs_(runs) {}

    Coffer::LogPage* entries(CORBA::LongLong run, const Coffer::LogFilter& filter,
                             CORBA::ULongLong after, CORBA::ULong atMost) override;

  private:
    SessionTable& sessions_;
    Runs& runs_;
};

}  // namespace coffer
