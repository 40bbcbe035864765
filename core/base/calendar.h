#pragma once

#include <cstdint>

#include "core/base/clock.h"

namespace coffer {

/// A day of the Gregorian calendar, also before it was introduced; year 0 is 1 BC.
struct CivilDate {
    std::int64_t year = 1970;
    int month = 1;  // 1..12
    int day = 1;    // 1..31

    auto operator<=>(const CivilDate&) const = default;
};

/// The date of a day counted from 1970-01-01, and back. Days up to some 10^15 either way.
CivilDate civilDate(std::int64_t days);
std::int64_t daysOf(const CivilDate& date);

/// Days of a month of the Gregorian calendar: 28 to 31. `month` 1..12.
int daysInMonth(std::int64_t year, int month);

/// Day of the week of a day counted from 1970-01-01: 0 for Sunday … 6 for Saturday.
int weekdayOf(std::int64_t days);

/// `value / divisor`, rounded down also when `value` is negative. `divisor` > 0.
std::int64_t floorDivide(std::int64_t value, std::int64_t divisor);

/// Seconds by which this computer's local time (TZ) is ahead of UTC at a moment; 0 when the system
/// cannot tell. Safe to call from any thread.
std::int64_t localOffset(Timestamp time);

}  // namespace coffer
