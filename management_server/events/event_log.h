#pragma once

#include "idl/events.hh"
#include "management_server/access/session_table.h"
#include "management_server/events/event_recorder.h"

namespace coffer {

/// Servant of all EventLog objects; the default servant of the POA "events".
class EventLog : public POA_Coffer::EventLog {
  public:
    /// Both outlive it.
    EventLog(SessionTable& sessions, EventRecorder& recorder)
        : sessions_(sessions), recorder_(recorder) {}

    Coffer::Events* since(CORBA::ULongLong after, CORBA::ULong atMost,
                          CORBA::ULong waitMs) override;

  private:
    SessionTable& sessions_;
    EventRecorder& recorder_;
};

}  // namespace coffer
