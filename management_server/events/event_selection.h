#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "management_server/events/event_filter.h"

namespace coffer {

/// What a filter has let through, and how far it has looked.
struct SelectedEvents {
    std::vector<RecordedEvent> events;
    std::uint64_t position = 0;  // all up to here was looked at
    std::uint64_t newest = 0;
};

/// Events behind `after` (0: all that are kept) that the filter lets through, `atMost` (1 to 1,000)
/// of them. When there are none, waits for one until `end`. Looks at 10,000 events at most and may
/// come back with none, but further on. Throws Error(gone) when events behind `after` are not kept
/// any more, (invalidArgument), (limitExceeded) as EventRecorder::waitSince.
SelectedEvents selectEvents(EventRecorder& recorder, const EventFilter& filter, std::uint64_t after,
                            std::uint32_t atMost, std::chrono::steady_clock::time_point end);

}  // namespace coffer
