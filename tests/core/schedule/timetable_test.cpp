#include "core/schedule/timetable.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/core/schedule/moments.h"

namespace coffer {
namespace {

Timetable daily(std::int64_t catchUp = 0, std::int64_t spread = 0, const char* name = "office") {
    return {{Schedule::parse("daily at 21:30"), {}, spread, catchUp}, name};
}

Timestamp utc(const char* text) {
    return at(text, {});
}

TEST(TimetableTest, IsDueOnce) {
    const Timetable table = daily();
    const Timestamp made = utc("2026-11-26 12:00");
    const auto before = table.due(made, utc("2026-11-26 21:29"));
    EXPECT_FALSE(before.run);
    EXPECT_EQ(before.next, utc("2026-11-26 21:30"));
    const auto now = table.due(before.done, utc("2026-11-26 21:30"));
    EXPECT_TRUE(now.run);
    EXPECT_EQ(now.done, utc("2026-11-26 21:30"));
    EXPECT_EQ(now.next, utc("2026-11-27 21:30"));
    EXPECT_FALSE(table.due(now.done, utc("2026-11-26 21:30")).run);
}

TEST(TimetableTest, WhatWasMissedIsMadeUpForOnceAndWithinItsTime) {
    const Timestamp done = utc("2026-11-20 21:30");
    const auto late = daily(3600).due(done, utc("2026-11-26 22:30"));
    EXPECT_TRUE(late.run);
    EXPECT_EQ(late.done, utc("2026-11-26 21:30"));
    const auto tooLate = daily(3600).due(done, utc("2026-11-26 22:31"));
    EXPECT_FALSE(tooLate.run);
    EXPECT_TRUE(tooLate.missed);
    EXPECT_EQ(tooLate.done, utc("2026-11-26 21:30"));
    EXPECT_FALSE(daily(3600).due(tooLate.done, utc("2026-11-26 22:32")).missed);
    EXPECT_TRUE(daily().due(done, utc("2026-11-26 21:31")).run);  // a server that was busy
    EXPECT_FALSE(daily().due(done, utc("2026-11-26 21:32")).run);
}

TEST(TimetableTest, ClockSetBackRunsNothingTwice) {
    const Timetable table = daily(7200);
    const Timestamp done = utc("2026-11-26 21:30");
    const auto back = table.due(done, utc("2026-11-26 10:00"));
    EXPECT_FALSE(back.run);
    EXPECT_EQ(back.done, done);
    EXPECT_EQ(back.next, utc("2026-11-27 21:30"));
    EXPECT_FALSE(table.due(back.done, utc("2026-11-26 21:35")).run);
}

TEST(TimetableTest, AClockThatWasWrongByYearsSilencesNobody) {
    const auto due = daily().due(utc("2036-11-26 21:30"), utc("2026-11-26 10:00"));
    EXPECT_FALSE(due.run);
    EXPECT_EQ(due.next, utc("2026-11-26 21:30"));
    EXPECT_TRUE(daily().due(due.done, utc("2026-11-26 21:30")).run);
}

TEST(TimetableTest, SpreadIsTheSameForOneNameAndDiffersBetweenNames) {
    std::set<std::int64_t> minutes;
    for (int i = 0; i < 50; ++i) {
        const std::string name = "task" + std::to_string(i);
        const Timetable table = daily(0, 3600, name.c_str());
        const auto times = table.preview(utc("2026-11-26 12:00"), 3);
        EXPECT_EQ(times, daily(0, 3600, name.c_str()).preview(utc("2026-11-26 12:00"), 3));
        const std::int64_t late = times[0].seconds - utc("2026-11-26 21:30").seconds;
        EXPECT_GE(late, 0);
        EXPECT_LE(late, 3600);
        EXPECT_EQ(times[1].seconds - times[0].seconds, 86'400);
        EXPECT_EQ(table.next(times[0] - 1), times[0]);
        EXPECT_TRUE(table.due(utc("2026-11-26 12:00"), times[0]).run);
        minutes.insert(late / 60);
    }
    EXPECT_GT(minutes.size(), 25U);
}

}  // namespace
}  // namespace coffer
