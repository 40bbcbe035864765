#include "core/snapshot/retention_period.h"

#include <gtest/gtest.h>

#include "core/base/calendar.h"

namespace coffer {
namespace {

const ZoneOffset utc = [](Timestamp) { return std::int64_t{0}; };

Timestamp at(std::int64_t year, int month, int day, int hour = 0, int minute = 0) {
    return {daysOf({year, month, day}) * 86400 + hour * 3600 + minute * 60, 0};
}

// Berlin in 2026: summer time from 29 March to 25 October, both at 01:00 UTC.
std::int64_t berlin(Timestamp time) {
    return time >= at(2026, 3, 29, 1) && time < at(2026, 10, 25, 1) ? 7200 : 3600;
}

TEST(RetentionPeriod, Names) {
    const Timestamp time = at(2026, 11, 25, 14, 59);
    EXPECT_EQ(periodName(Period::hour, time, utc), "2026-11-25 14:00");
    EXPECT_EQ(periodName(Period::day, time, utc), "2026-11-25");
    EXPECT_EQ(periodName(Period::week, time, utc), "2026-W48");
    EXPECT_EQ(periodName(Period::month, time, utc), "2026-11");
    EXPECT_EQ(periodName(Period::year, time, utc), "2026");
}

// The samples of ISO 8601's own table of week dates.
TEST(RetentionPeriod, WeeksAreThoseOfIso8601) {
    const std::pair<Timestamp, const char*> samples[] = {
        {at(1977, 1, 1), "1976-W53"},   {at(1977, 1, 2), "1976-W53"},
        {at(1977, 12, 31), "1977-W52"}, {at(1978, 1, 1), "1977-W52"},
        {at(1978, 1, 2), "1978-W01"},   {at(1979, 12, 30), "1979-W52"},
        {at(1979, 12, 31), "1980-W01"}, {at(1980, 12, 29), "1981-W01"},
        {at(1982, 1, 3), "1981-W53"},   {at(1969, 12, 29), "1970-W01"},
        {at(1969, 12, 28), "1969-W52"}, {at(2026, 12, 31), "2026-W53"}};
    for (const auto& [time, name] : samples) {
        EXPECT_EQ(periodName(Period::week, time, utc), name) << toIso8601(time);
    }
    EXPECT_EQ(periodNumber(Period::week, at(2026, 11, 23), utc),
              periodNumber(Period::week, at(2026, 11, 29, 23, 59), utc));
    EXPECT_LT(periodNumber(Period::week, at(2026, 11, 22, 23, 59), utc),
              periodNumber(Period::week, at(2026, 11, 23), utc));
}

TEST(RetentionPeriod, EndsAtLocalMidnight) {
    const Timestamp late = at(2026, 12, 31, 23, 30);  // 00:30 of New Year in Berlin
    EXPECT_EQ(periodName(Period::year, late, utc), "2026");
    EXPECT_EQ(periodName(Period::year, late, berlin), "2027");
    EXPECT_EQ(periodName(Period::day, late, berlin), "2027-01-01");
    EXPECT_EQ(periodName(Period::hour, late, berlin), "2027-01-01 00:00");
    EXPECT_EQ(periodName(Period::day, at(2026, 7, 1, 22, 30), berlin), "2026-07-02");
    EXPECT_EQ(periodName(Period::day, at(2026, 12, 1, 22, 30), berlin), "2026-12-01");
}

TEST(RetentionPeriod, HourThatIsPassedTwiceIsTwo) {
    const Timestamp first = at(2026, 10, 25, 0, 30);   // 02:30 summer time
    const Timestamp second = at(2026, 10, 25, 1, 30);  // 02:30 winter time
    EXPECT_EQ(periodName(Period::hour, first, berlin), periodName(Period::hour, second, berlin));
    EXPECT_LT(periodNumber(Period::hour, first, berlin),
              periodNumber(Period::hour, second, berlin));
    EXPECT_EQ(periodNumber(Period::day, first, berlin), periodNumber(Period::day, second, berlin));
}

TEST(RetentionPeriod, HoursBeginWithTheLocalClock) {
    const ZoneOffset india = [](Timestamp) { return std::int64_t{19'800}; };  // 5:30
    EXPECT_EQ(periodNumber(Period::hour, at(2026, 1, 1, 0, 30), india),
              periodNumber(Period::hour, at(2026, 1, 1, 1, 29), india));
    EXPECT_LT(periodNumber(Period::hour, at(2026, 1, 1, 0, 29), india),
              periodNumber(Period::hour, at(2026, 1, 1, 0, 30), india));
}

TEST(RetentionPeriod, NumbersGrowWithTime) {
    for (const Period period :
         {Period::hour, Period::day, Period::week, Period::month, Period::year}) {
        std::int64_t before = periodNumber(period, at(2025, 12, 1), berlin);
        for (std::int64_t hour = 1; hour < 500 * 24; ++hour) {
            const Timestamp time = at(2025, 12, 1) + hour * 3'600'000'000'000;
            const std::int64_t number = periodNumber(period, time, berlin);
            ASSERT_LE(before, number) << toIso8601(time);
            before = number;
        }
    }
}

TEST(RetentionPeriod, FarAwayMomentsAreBounded) {
    const Timestamp last{std::numeric_limits<std::int64_t>::max(), 0};
    const Timestamp first{std::numeric_limits<std::int64_t>::min(), 0};
    EXPECT_EQ(periodName(Period::year, last, utc), "31690708");
    EXPECT_LT(periodNumber(Period::hour, first, utc), periodNumber(Period::hour, last, utc));
}

}  // namespace
}  // namespace coffer
