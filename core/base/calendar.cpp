#include "core/base/calendar.h"

#include <ctime>

namespace coffer {

namespace {
constexpr std::int64_t daysPerEra = 146097;      // 400 years
constexpr std::int64_t daysBefore1970 = 719468;  // since 0000-03-01
}  // namespace

std::int64_t floorDivide(std::int64_t value, std::int64_t divisor) {
    const std::int64_t quotient = value / divisor;
    return value % divisor < 0 ? quotient - 1 : quotient;
}

// Both ways: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
CivilDate civilDate(std::int64_t days) {
    days += daysBefore1970;
    const std::int64_t era = floorDivide(days, daysPerEra);
    const std::int64_t dayOfEra = days - era * daysPerEra;
    const std::int64_t yearOfEra =
        (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
    const std::int64_t dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    const std::int64_t shifted = (5 * dayOfYear + 2) / 153;
    const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    return {yearOfEra + era * 400 + (month <= 2 ? 1 : 0), static_cast<int>(month),
            static_cast<int>(dayOfYear - (153 * shifted + 2) / 5 + 1)};
}

std::int64_t daysOf(const CivilDate& date) {
    const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
    const std::int64_t era = floorDivide(year, 400);
    const std::int64_t yearOfEra = year - era * 400;
    const int shifted = date.month > 2 ? date.month - 3 : date.month + 9;
    const std::int64_t dayOfYear = (153 * shifted + 2) / 5 + date.day - 1;
    const std::int64_t dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * daysPerEra + dayOfEra - daysBefore1970;
}

int daysInMonth(std::int64_t year, int month) {
    const CivilDate next = month < 12 ? CivilDate{year, month + 1, 1} : CivilDate{year + 1, 1, 1};
    return static_cast<int>(daysOf(next) - daysOf({year, month, 1}));
}

int weekdayOf(std::int64_t days) {
    constexpr std::int64_t thursday = 4;  // 1970-01-01
    const std::int64_t shifted = days + thursday;
    return static_cast<int>(shifted - floorDivide(shifted, 7) * 7);
}

std::int64_t localOffset(Timestamp time) {
    const auto seconds = static_cast<std::time_t>(time.seconds);
    std::tm parts{};
    return ::localtime_r(&seconds, &parts) ? parts.tm_gmtoff : 0;
}

}  // namespace coffer
