#include "management_server/events/event_log.h"

#include <algorithm>

#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/rpc/waiting.h"
#include "management_server/events/event_selection.h"

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

EventFilter filterOf(const Coffer::EventFilter& filter) {
    EventFilter wanted{rpc::toTexts(filter.kinds), rpc::toTexts(filter.subjects),
                       rpc::toTexts(filter.components)};
    wanted.check();
    return wanted;
}

Coffer::EventPage* pageOf(const SelectedEvents& selected) {
    Coffer::EventPage_var page = new Coffer::EventPage;
    page->list = eventsOf(selected.events).in();
    page->position = selected.position;
    page->newest = selected.newest;
    return page._retn();
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

Coffer::EventPage* EventLog::select(const Coffer::EventFilter& filter, CORBA::ULongLong after,
                                    CORBA::ULong atMost, CORBA::ULong waitMs) {
    return rpc::serve("select", [&] {
        const UserSession session = sessions_.require(Right::look);
        const auto found =
            selectEvents(recorder_, filterOf(filter), after, atMost, rpc::endOfWait(waitMs));
        if (waitMs > 0) sessions_.require(session.id);
        return pageOf(found);
    });
}

CORBA::ULongLong EventLog::lease(const char* name, CORBA::ULong hours, CORBA::ULongLong after) {
    return rpc::serve("lease", [&] {
        const UserSession session = sessions_.require(Right::look);
        const std::uint64_t oldest = recorder_.oldest();
        const std::uint64_t from = std::clamp<std::uint64_t>(after, oldest - 1, recorder_.newest());
        return leases_.begin(session.user, name, hours, from, oldest);
    });
}

Coffer::EventPage* EventLog::next(const char* name, const Coffer::EventFilter& filter,
                                  CORBA::ULong atMost, CORBA::ULong waitMs) {
    return rpc::serve("next", [&] {
        const UserSession session = sessions_.require(Right::look);
        const auto found =
            selectEvents(recorder_, filterOf(filter), leases_.use(session.user, name), atMost,
                         rpc::endOfWait(waitMs));
        if (waitMs > 0) sessions_.require(session.id);
        return pageOf(found);
    });
}

void EventLog::taken(const char* name, CORBA::ULongLong number) {
    rpc::serve("taken", [&] {
        const UserSession session = sessions_.require(Right::look);
        if (number > recorder_.newest()) {
            throw Error(ErrorCode::invalidArgument, "there is no such event yet");
        }
        leases_.move(session.user, name, number);
    });
}

Coffer::EventLeases* EventLog::leases() {
    return rpc::serve("leases", [&] {
        const std::vector<EventLeaseRecord> found =
            leases_.list(sessions_.require(Right::look).user);
        Coffer::EventLeases_var leases = new Coffer::EventLeases;
        leases->length(static_cast<CORBA::ULong>(found.size()));
        CORBA::ULong at = 0;
        for (const EventLeaseRecord& each : found) {
            Coffer::EventLease& lease = leases[at++];
            lease.name = each.name.c_str();
            lease.user = each.user.c_str();
            lease.position = each.position;
            lease.used = rpc::toMoment(each.used);
            lease.ends = rpc::toMoment(each.ends());
        }
        return leases._retn();
    });
}

void EventLog::endLease(const char* name) {
    rpc::serve("endLease", [&] { leases_.end(sessions_.require(Right::look).user, name); });
}

}  // namespace coffer
