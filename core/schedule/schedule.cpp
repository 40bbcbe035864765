#include "core/schedule/schedule.h"

#include <algorithm>

namespace coffer {

namespace {

constexpr std::int64_t daySeconds = 86'400;
constexpr std::int64_t firstDay = -719'528;  // of year 0
constexpr std::int64_t lastDay = 2'932'896;  // of year 9999

std::int64_t dayOf(Timestamp time, const TimeZone& zone) {
    const std::int64_t seconds =
        std::clamp(time.seconds, firstDay * daySeconds, lastDay * daySeconds);
    return floorDivide(zone.toLocal(seconds), daySeconds);
}

}  // namespace

// By the clock on the wall.
bool Schedule::isDueAt(std::int64_t minute) const {
    return std::ranges::binary_search(minutes_, minute);
}

// What is due on a local day, in order. All of it lies between its midnights.
std::vector<std::int64_t> Schedule::timesOf(std::int64_t day, const TimeZone& zone) const {
    std::vector<std::int64_t> times;
    if (!days_.isOn(day)) return times;
    const std::int64_t midnight = day * daySeconds;
    if (kind_ == Kind::atTimes) {
        for (const int minute : minutes_) {
            const std::int64_t time = zone.toUtc(midnight + std::int64_t{minute} * 60);
            // Times within a gap are one moment.
            if (times.empty() || times.back() < time) times.push_back(time);
        }
        return times;
    }
    const std::int64_t end = zone.toUtc(midnight + daySeconds);
    for (std::int64_t time = zone.toUtc(midnight); time < end; time += step_) {
        if (kind_ == Kind::elapsed || isDueAt(floorDivide(zone.toLocal(time) - midnight, 60))) {
            times.push_back(time);
        }
    }
    return times;
}

std::vector<Timestamp> Schedule::preview(Timestamp after, std::size_t count,
                                         const TimeZone& zone) const {
    std::vector<Timestamp> found;
    for (std::int64_t day = dayOf(after, zone) - 1; day <= lastDay && found.size() < count; ++day) {
        for (const std::int64_t time : timesOf(day, zone)) {
            // That of a day which is missing may be one of the next day, too.
            if (time <= (found.empty() ? after.seconds : found.back().seconds)) continue;
            if (found.size() < count) found.push_back({time, 0});
        }
    }
    return found;
}

std::optional<Timestamp> Schedule::next(Timestamp after, const TimeZone& zone) const {
    const std::vector<Timestamp> found = preview(after, 1, zone);
    if (found.empty()) return {};
    return found.front();
}

std::optional<Timestamp> Schedule::last(Timestamp after, Timestamp until,
                                        const TimeZone& zone) const {
    const std::int64_t first = dayOf(after, zone) - 1;
    for (std::int64_t day = dayOf(until, zone) + 1; day >= first; --day) {
        const std::vector<std::int64_t> times = timesOf(day, zone);
        const auto behind = std::ranges::upper_bound(times, until.seconds);
        if (behind == times.begin()) continue;
        const Timestamp found{*std::prev(behind), 0};
        if (found > after) return found;
        return {};
    }
    return {};
}

}  // namespace coffer
