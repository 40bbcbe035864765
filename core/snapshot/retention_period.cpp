#include "core/snapshot/retention_period.h"

#include <algorithm>
#include <cstdio>

#include "core/base/calendar.h"

namespace coffer {

namespace {

constexpr std::int64_t farthest = 1'000'000'000'000'000;  // seconds from 1970
constexpr std::int64_t farthestOffset = 7 * 86400;
constexpr std::int64_t hourSeconds = 3600;
constexpr std::int64_t daySeconds = 86400;

struct LocalTime {
    std::int64_t seconds;  // as the clock on the wall shows them, since 1970
    std::int64_t offset;

    std::int64_t day() const { return floorDivide(seconds, daySeconds); }
    CivilDate date() const { return civilDate(day()); }
    // 1970-01-01 was a Thursday, so the Thursday of week 0 is day 0.
    std::int64_t week() const { return floorDivide(day() + 3, 7); }
};

LocalTime localTime(Timestamp time, const ZoneOffset& offset) {
    const std::int64_t utc = std::clamp(time.seconds, -farthest, farthest);
    const std::int64_t ahead = std::clamp(offset({utc, 0}), -farthestOffset, farthestOffset);
    return {utc + ahead, ahead};
}

template <class... Values>
std::string text(const char* form, Values... values) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, form, values...);
    return buffer;
}

}  // namespace

std::int64_t periodNumber(Period period, Timestamp time, const ZoneOffset& offset) {
    const LocalTime local = localTime(time, offset);
    switch (period) {
        case Period::hour:
            return floorDivide(local.seconds, hourSeconds) * hourSeconds - local.offset;
        case Period::day:
            return local.day();
        case Period::week:
            return local.week();
        case Period::month:
            return local.date().year * 12 + local.date().month;
        case Period::year:
            return local.date().year;
    }
    return 0;
}

std::string periodName(Period period, Timestamp time, const ZoneOffset& offset) {
    const LocalTime local = localTime(time, offset);
    const CivilDate date = local.date();
    const auto year = static_cast<long long>(date.year);
    switch (period) {
        case Period::hour: {
            const std::int64_t inDay = local.seconds - local.day() * daySeconds;
            return text("%04lld-%02d-%02d %02d:00", year, date.month, date.day,
                        static_cast<int>(inDay / hourSeconds));
        }
        case Period::day:
            return text("%04lld-%02d-%02d", year, date.month, date.day);
        case Period::week: {
            // A week belongs to the year of its Thursday (ISO 8601).
            const std::int64_t thursday = local.week() * 7;
            const std::int64_t weekYear = civilDate(thursday).year;
            const std::int64_t week = (thursday - daysOf({weekYear, 1, 1})) / 7 + 1;
            return text("%04lld-W%02lld", static_cast<long long>(weekYear),
                        static_cast<long long>(week));
        }
        case Period::month:
            return text("%04lld-%02d", year, date.month);
        case Period::year:
            return text("%04lld", year);
    }
    return {};
}

}  // namespace coffer
