#pragma once

#include "idl/access.hh"
#include "management_server/access/confirmations.h"
#include "management_server/access/session_table.h"

namespace coffer {

/// Servant of all RequestBoard objects; the default servant of the POA "requests".
class RequestBoard : public POA_Coffer::RequestBoard {
  public:
    /// Both outlive it.
    RequestBoard(SessionTable& sessions, Confirmations& confirmations)
        : sessions_(sessions), confirmations_(confirmations) {}

    Coffer::RequestInfos* list() override;
    void confirm(CORBA::LongLong request) override;
    void refuse(CORBA::LongLong request) override;

  private:
    SessionTable& sessions_;
    Confirmations& confirmations_;
};

}  // namespace coffer
