#include "core/base/calendar.h"

#include <gtest/gtest.h>

namespace coffer {
namespace {

TEST(Calendar, EveryDayOfEightCenturiesComesBackAndFollowsTheDayBefore) {
    const std::int64_t first = daysOf({1599, 12, 31});
    const std::int64_t last = daysOf({2400, 3, 1});
    CivilDate before = civilDate(first - 1);
    for (std::int64_t day = first; day <= last; ++day) {
        const CivilDate date = civilDate(day);
        ASSERT_EQ(daysOf(date), day);
        ASSERT_LT(before, date);
        before = date;
    }
}

TEST(Calendar, KnownDays) {
    EXPECT_EQ(civilDate(0), (CivilDate{1970, 1, 1}));
    EXPECT_EQ(civilDate(-1), (CivilDate{1969, 12, 31}));
    EXPECT_EQ(civilDate(11'016), (CivilDate{2000, 2, 29}));
    EXPECT_EQ(civilDate(20'782), (CivilDate{2026, 11, 25}));
    EXPECT_EQ(daysOf({0, 3, 1}), -719'468);
    EXPECT_EQ(civilDate(daysOf({-5'000'000, 2, 28})), (CivilDate{-5'000'000, 2, 28}));
}

TEST(Calendar, MonthsHaveTheirDays) {
    EXPECT_EQ(daysInMonth(2026, 2), 28);
    EXPECT_EQ(daysInMonth(2028, 2), 29);
    EXPECT_EQ(daysInMonth(1900, 2), 28);
    EXPECT_EQ(daysInMonth(2000, 2), 29);
    EXPECT_EQ(daysInMonth(2026, 4), 30);
    EXPECT_EQ(daysInMonth(2026, 12), 31);
}

TEST(Calendar, DaysOfTheWeekFollowEachOther) {
    EXPECT_EQ(weekdayOf(0), 4);  // a Thursday
    EXPECT_EQ(weekdayOf(daysOf({2026, 11, 26})), 4);
    for (std::int64_t day = -1000; day < 1000; ++day) {
        ASSERT_EQ(weekdayOf(day + 1), (weekdayOf(day) + 1) % 7);
    }
}

TEST(Calendar, DivisionRoundsDown) {
    EXPECT_EQ(floorDivide(7, 7), 1);
    EXPECT_EQ(floorDivide(6, 7), 0);
    EXPECT_EQ(floorDivide(-1, 7), -1);
    EXPECT_EQ(floorDivide(-7, 7), -1);
    EXPECT_EQ(floorDivide(-8, 7), -2);
}

TEST(Calendar, LocalTimeIsLessThanTwoDaysAway) {
    for (const std::int64_t seconds : {0LL, 1'795'292'103LL, 1'780'000'000LL}) {
        EXPECT_LT(std::abs(localOffset({seconds, 0})), 2 * 86400);
    }
}

}  // namespace
}  // namespace coffer
