#include "management_server/check/clock_check.h"

#include <algorithm>

namespace coffer {

namespace {

constexpr std::int64_t tolerated = 60;
constexpr std::int64_t longAgo = 366 * 86'400;
constexpr const char* advice =
    "set the clock ('timedatectl') and see that it is kept right (NTP): schedules, certificates "
    "and "
    "retention count on it";

}  // namespace

Finding checkClock(Timestamp now, std::optional<Timestamp> lastEvent,
                   std::optional<Timestamp> newestFile) {
    const auto behind = [&](const std::optional<Timestamp>& known) {
        return known ? known->seconds - now.seconds : 0;
    };
    if (behind(lastEvent) > tolerated) {
        return {FindingLevel::error, "clock",
                "it says " + toIso8601(now) + ", which is " + shownSpan(behind(lastEvent)) +
                    " before the last event in server.db: it was set back",
                advice};
    }
    if (behind(newestFile) > tolerated) {
        return {FindingLevel::error, "clock",
                "it says " + toIso8601(now) + ", which is " + shownSpan(behind(newestFile)) +
                    " before the time of a file of the server",
                advice};
    }
    const std::optional<Timestamp> newest = std::max(lastEvent, newestFile);
    if (newest && -behind(newest) > longAgo) {
        return {FindingLevel::warning, "clock",
                "it says " + toIso8601(now) + ", and nothing has happened here for " +
                    shownSpan(-behind(newest)),
                advice};
    }
    return {FindingLevel::ok, "clock", toIso8601(now)};
}

}  // namespace coffer
