#include "management_server/events/event_selection.h"

#include <algorithm>

#include "core/base/error.h"

namespace coffer {

namespace {

constexpr std::size_t mostLookedAt = 10'000;
constexpr std::uint32_t longestPage = 1'000;

void requireKept(const EventRecorder& recorder, std::uint64_t after) {
    const std::uint64_t oldest = recorder.oldest();
    if (after == 0 || after >= oldest - 1) return;
    throw Error(ErrorCode::gone, "events before number " + std::to_string(oldest) +
                                     " are not kept any more; those behind " +
                                     std::to_string(after) + " were asked for");
}

}  // namespace

SelectedEvents selectEvents(EventRecorder& recorder, const EventFilter& filter, std::uint64_t after,
                            std::uint32_t atMost, std::chrono::steady_clock::time_point end) {
    requireKept(recorder, after);
    SelectedEvents selected;
    selected.position = after;
    std::size_t looked = 0;
    // The recorder knows how many may be asked for.
    std::uint32_t pageLength = atMost;
    while (selected.events.empty() && looked < mostLookedAt) {
        const auto page = recorder.waitSince(selected.position, pageLength, end);
        if (page.empty()) break;
        looked += page.size();
        selected.position = page.back().number;
        for (const RecordedEvent& event : page) {
            if (filter.matches(event)) selected.events.push_back(event);
        }
        pageLength = longestPage;
        if (selected.events.size() > atMost) {
            selected.events.resize(atMost);
            selected.position = selected.events.back().number;
        }
    }
    selected.newest = recorder.newest();
    return selected;
}

}  // namespace coffer
