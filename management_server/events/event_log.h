#pragma once

#include "idl/events.hh"
#include "management_server/access/session_table.h"
#include "management_server/events/event_leases.h"
#include "management_server/events/event_recorder.h"

namespace coffer {

/// Servant of all EventLog objects; the default servant of the POA "events".
class EventLog : public POA_Coffer::EventLog {
  public:
    /// All outlive it.
    EventLog(SessionTable& sessions, EventRecorder& recorder, EventLeases& leases)
        : sessions_(sessions), recorder_(recorder), leases_(leases) {}

    Coffer::Events* since(CORBA::ULongLong after, CORBA::ULong atMost,
                          CORBA::ULong waitMs) override;
    Coffer::EventPage* select(const Coffer::EventFilter& filter, CORBA::ULongLong after,
                              CORBA::ULong atMost, CORBA::ULong waitMs) override;

    CORBA::ULongLong lease(const char* name, CORBA::ULong hours, CORBA::ULongLong after) override;
    Coffer::EventPage* next(const char* name, const Coffer::EventFilter& filter,
                            CORBA::ULong atMost, CORBA::ULong waitMs) override;
    void taken(const char* name, CORBA::ULongLong number) override;
    Coffer::EventLeases* leases() override;
    void endLease(const char* name) override;

  private:
    SessionTable& sessions_;
    EventRecorder& recorder_;
    EventLeases& leases_;
};

}  // namespace coffer
