#pragma once

#include "idl/status.hh"
#include "management_server/access/session_table.h"
#include "management_server/status/status_keeper.h"

namespace coffer {

/// Servant of all StatusBoard objects; the default servant of the POA "status".
class StatusBoard : public POA_Coffer::StatusBoard {
  public:
    /// Both outlive it.
    StatusBoard(SessionTable& sessions, StatusKeeper& keeper)
        : sessions_(sessions), keeper_(keeper) {}

    Coffer::StatusReport* report(const char* componentPath) override;
    void acknowledge(const char* source, const char* reason, const Coffer::Moment& until) override;
    void withdraw(const char* source) override;
    void drop(const char* source) override;

  private:
    SessionTable& sessions_;
    StatusKeeper& keeper_;
};

}  // namespace coffer
