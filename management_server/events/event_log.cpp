#include "management_server/events/event_log.h"

#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/rpc/waiting.h"

namespace coffer {

namespace {

void put(const RecordedEvent& from, Coffer::Event& to) {
    to.number = from.number;
    to.time = rpc::toMoment(from.time);
    to.kind = from.kind.c_str();
    to.subject = from.subject.c_str();
    to.text = from.text.c_str();
    to.more = rpc::toSettings(from.more);
}

Coffer::Events_var eventsOf(const std::vector<RecordedEvent>& recorded) {
    Coffer::Events_var events = new Coffer::Events;
    events->length(static_cast<CORBA::ULong>(recorded.size()));
    CORBA::ULong at = 0;
    for (const RecordedEvent& event : recorded) put(event, events[at++]);
    return events;
}

}  // namespace

Coffer::Events* EventLog::since(CORBA::ULongLong after, CORBA::ULong atMost, CORBA::ULong waitMs) {
    return rpc::serve("since", [&] {
        const UserSession session = sessions_.require(Right::look);
        const auto end = rpc::endOfWait(waitMs);
        if (waitMs == 0) return eventsOf(recorder_.since(after, atMost))._retn();
        const auto found = recorder_.waitSince(after, atMost, end);
        // It may have ended in the meantime.
        sessions_.require(session.id);
        return eventsOf(found)._retn();
    });
}

}  // namespace coffer
