#include "core/schedule/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/schedule/moments.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

using testing::ElementsAre;

const TimeZone& berlin() {
    static const TimeZone zone = TimeZone::load("Europe/Berlin");
    return zone;
}

std::vector<std::string> shown(const char* schedule, const char* after, std::size_t count,
                               const TimeZone& zone = berlin()) {
    std::vector<std::string> texts;
    for (const Timestamp time : Schedule::parse(schedule).preview(at(after, zone), count, zone)) {
        texts.push_back(shownLocal(time.seconds, zone).substr(0, 16));
    }
    return texts;
}

TEST(ScheduleTest, EveryForm) {
    EXPECT_THAT(shown("every 15 minutes", "2026-11-26 10:50", 3),
                ElementsAre("2026-11-26 11:00", "2026-11-26 11:15", "2026-11-26 11:30"));
    EXPECT_THAT(shown("every minute", "2026-11-26 23:58", 3),
                ElementsAre("2026-11-26 23:59", "2026-11-27 00:00", "2026-11-27 00:01"));
    EXPECT_THAT(shown("every 6 hours", "2026-11-26 10:50", 3),
                ElementsAre("2026-11-26 12:00", "2026-11-26 18:00", "2026-11-27 00:00"));
    EXPECT_THAT(shown("every 2 days at 03:00", "2026-11-26 10:50", 3),
                ElementsAre("2026-11-27 03:00", "2026-11-29 03:00", "2026-12-01 03:00"));
    EXPECT_THAT(shown("daily at 12:00,21:30", "2026-11-26 12:00", 3),
                ElementsAre("2026-11-26 21:30", "2026-11-27 12:00", "2026-11-27 21:30"));
    EXPECT_THAT(shown("weekly on mon,thu at 02:00", "2026-11-26 02:00", 2),
                ElementsAre("2026-11-30 02:00", "2026-12-03 02:00"));
    EXPECT_THAT(shown("weekly on sat-mon at 2:05", "2026-11-26 10:00", 3),
                ElementsAre("2026-11-28 02:05", "2026-11-29 02:05", "2026-11-30 02:05"));
    EXPECT_THAT(shown("cron 0 2 * * 1-5", "2026-11-27 02:00", 2),
                ElementsAre("2026-11-30 02:00", "2026-12-01 02:00"));
}

TEST(ScheduleTest, DaysOfTheMonth) {
    EXPECT_THAT(shown("monthly on 1,15,last at 03:00", "2027-02-02 00:00", 4),
                ElementsAre("2027-02-15 03:00", "2027-02-28 03:00", "2027-03-01 03:00",
                            "2027-03-15 03:00"));
    EXPECT_THAT(shown("monthly on 31 at 03:00", "2027-01-31 03:00", 2),
                ElementsAre("2027-03-31 03:00", "2027-05-31 03:00"));
    EXPECT_THAT(shown("monthly on first monday, last friday at 03:00", "2026-11-01 00:00", 4),
                ElementsAre("2026-11-02 03:00", "2026-11-27 03:00", "2026-12-07 03:00",
                            "2026-12-25 03:00"));
    EXPECT_THAT(shown("monthly on third tuesday at 03:00", "2026-12-01 00:00", 1),
                ElementsAre("2026-12-15 03:00"));
}

TEST(ScheduleTest, DatesAreExcepted) {
    EXPECT_THAT(shown("Daily  AT 21:30 except 2026-12-24 , 12-25", "2026-12-23 12:00", 2),
                ElementsAre("2026-12-23 21:30", "2026-12-26 21:30"));
    EXPECT_THAT(shown("daily at 21:30 except 2026-12-24,12-25", "2027-12-23 22:00", 2),
                ElementsAre("2027-12-24 21:30", "2027-12-26 21:30"));
    EXPECT_THAT(shown("every 12 hours except 12-25", "2026-12-24 11:00", 3),
                ElementsAre("2026-12-24 12:00", "2026-12-26 00:00", "2026-12-26 12:00"));
}

TEST(ScheduleTest, ATimeThatDoesNotComeIsDueWhenTheGapEnds) {
    EXPECT_THAT(shown("daily at 02:30", "2026-03-28 12:00", 2),
                ElementsAre("2026-03-29 03:00", "2026-03-30 02:30"));
    EXPECT_THAT(shown("daily at 02:15,02:45,03:00", "2026-03-28 12:00", 2),
                ElementsAre("2026-03-29 03:00", "2026-03-30 02:15"));
}

TEST(ScheduleTest, ATimeThatComesTwiceIsDueOnce) {
    const auto times =
        Schedule::parse("daily at 02:30").preview(at("2026-10-24 12:00", berlin()), 2, berlin());
    EXPECT_EQ(toIso8601(times.at(0)), "2026-10-25T00:30:00Z");
    EXPECT_EQ(toIso8601(times.at(1)), "2026-10-26T01:30:00Z");
}

TEST(ScheduleTest, MinutesAndHoursGoOnWhenClocksChange) {
    const Schedule schedule = Schedule::parse("every 15 minutes");
    const auto count = [&](const char* from, const char* to) {
        const Timestamp end = at(to, berlin());
        int times = 0;
        Timestamp time = at(from, berlin()) - 1;
        while (time = *schedule.next(time, berlin()), time < end) ++times;
        return times;
    };
    EXPECT_EQ(count("2026-03-29 00:00", "2026-03-30 00:00"), 23 * 4);
    EXPECT_EQ(count("2026-10-25 00:00", "2026-10-26 00:00"), 25 * 4);
    EXPECT_EQ(count("2026-11-26 00:00", "2026-11-27 00:00"), 24 * 4);
}

TEST(ScheduleTest, TheLastOneBefore) {
    const Schedule schedule = Schedule::parse("daily at 21:30");
    const auto last = [&](const char* after, const char* until) {
        const auto time = schedule.last(at(after, berlin()), at(until, berlin()), berlin());
        return time ? shownLocal(time->seconds, berlin()).substr(0, 16) : "none";
    };
    EXPECT_EQ(last("2026-01-01 00:00", "2026-11-26 21:30"), "2026-11-26 21:30");
    EXPECT_EQ(last("2026-01-01 00:00", "2026-11-26 21:29"), "2026-11-25 21:30");
    EXPECT_EQ(last("2026-11-26 21:30", "2026-11-27 21:29"), "none");
    EXPECT_EQ(last("2026-11-28 00:00", "2026-11-27 00:00"), "none");
}

TEST(ScheduleTest, ErrorsSayWhatIsWrong) {
    const std::pair<const char*, const char*> wrong[] = {
        {"", "'' is no schedule; write every N minutes"},
        {"sometimes", "'sometimes' is no schedule"},
        {"daily", "the time is missing: daily at TIME"},
        {"daily at 25:00", "'25:00' is no time of day: write 00:00 to 23:59"},
        {"daily at 24:00", "'24:00' is no time of day"},
        {"daily at 12:00,", "'' is no time of day"},
        {"weekly on mo at 02:00", "'mo' is no day of the week: write mon, tue"},
        {"weekly at 02:00", "the days are missing: weekly on DAYS at TIME"},
        {"monthly on 32 at 02:00", "'32' is no day of a month"},
        {"monthly on sixth monday at 02:00", "'sixth monday' is no day of a month"},
        {"every 0 minutes", "'every 0 minutes': 1 to 1440"},
        {"every 25 hours", "'every 25 hours': 1 to 24"},
        {"every 5 fortnights", "'fortnights' is no unit of time"},
        {"every 5 days", "the time is missing: every N days at TIME"},
        {"every 5 minutes at 02:00", "'at 02:00' has no place behind minutes and hours"},
        {"daily at 02:00 except 2026-02-29", "'2026-02-29' is no date"},
        {"daily at 02:00 except ", "'02:00 except' is no time of day"},
        {"cron 0 2 * *", "needs five fields"},
        {"cron 60 2 * * *", "'60' is no minute (0 to 59"},
        {"cron 0 2 30 2 *", "would never be due: no such day comes"},
        {"cron 0 2 31 4,6,9,11 *", "would never be due"},
        {"cron 0 2 29 2 * except 02-29", "would never be due"},
    };
    for (const auto& [text, says] : wrong) {
        expectError(
            ErrorCode::invalidArgument, [&] { Schedule::parse(text); }, says);
    }
    expectError(ErrorCode::invalidArgument, [] { Schedule::parse(std::string(2'001, ' ')); });
}

TEST(ScheduleTest, TheTwentyNinthOfFebruaryComes) {
    EXPECT_THAT(shown("cron 0 2 29 2 *", "2096-03-01 00:00", 1), ElementsAre("2104-02-29 02:00"));
    EXPECT_FALSE(
        Schedule::parse("daily at 02:00").next(at("9999-12-31 12:00", berlin()), berlin()));
}

}  // namespace
}  // namespace coffer
