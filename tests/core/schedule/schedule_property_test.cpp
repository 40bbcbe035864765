// Ten years in zones with odd clocks: what schedules promise for each day holds on each.

#include <gtest/gtest.h>

#include "core/schedule/schedule.h"
#include "tests/core/schedule/moments.h"

namespace coffer {
namespace {

constexpr std::int64_t daySeconds = 86'400;

class SchedulesOfTenYears : public testing::TestWithParam<const char*> {
  protected:
    std::vector<std::int64_t> times(const char* text, const char* from = "2024-01-01 00:00",
                                    const char* to = "2034-01-01 00:00") const {
        const Schedule schedule = Schedule::parse(text);
        const Timestamp end = at(to, zone_);
        std::vector<std::int64_t> all;
        Timestamp before = at(from, zone_) - 1;
        for (;;) {
            for (const Timestamp time : schedule.preview(before, 1'000, zone_)) {
                if (!(time < end)) return all;
                EXPECT_GT(time, before) << text;
                if (all.size() % 97 == 0) {
                    EXPECT_EQ(schedule.next(before, zone_), time) << text;
                    EXPECT_EQ(schedule.last(before, time, zone_), time) << text;
                }
                before = time;
                all.push_back(time.seconds);
            }
        }
    }

    const std::int64_t first_ = daysOf({2024, 1, 1});
    const std::int64_t last_ = daysOf({2033, 12, 31});
    const TimeZone zone_ = TimeZone::load(GetParam());
};

TEST_P(SchedulesOfTenYears, DailyIsOnceEachDayWhateverTheHour) {
    for (const char* text :
         {"daily at 00:00", "daily at 00:30", "daily at 01:30", "daily at 01:59", "daily at 02:00",
          "daily at 02:30", "daily at 03:00", "daily at 23:59"}) {
        const std::vector<std::int64_t> all = times(text);
        ASSERT_EQ(all.size(), static_cast<std::size_t>(last_ - first_ + 1)) << text;
        for (std::int64_t day = first_; day <= last_; ++day) {
            const std::int64_t time = all[static_cast<std::size_t>(day - first_)];
            ASSERT_GE(time, zone_.toUtc(day * daySeconds)) << text;
            // The next midnight itself, where clocks pass over the hour before it.
            ASSERT_LE(time, zone_.toUtc((day + 1) * daySeconds)) << text;
        }
    }
}

TEST_P(SchedulesOfTenYears, IntervalsNeverStretchNorDouble) {
    for (const int minutes : {15, 30, 60, 7}) {
        const std::string text = "every " + std::to_string(minutes) + " minutes";
        const auto all = times(text.c_str(), "2026-01-01 00:00", "2026-12-01 00:00");
        for (std::size_t i = 1; i < all.size(); ++i) {
            const std::int64_t passed = all[i] - all[i - 1];
            ASSERT_LE(passed, minutes * 60) << shownLocal(all[i], zone_);
            if (passed == minutes * 60) continue;
            // Only midnight may be nearer.
            ASSERT_EQ(zone_.toUtc(floorDivide(zone_.toLocal(all[i]), daySeconds) * daySeconds),
                      all[i])
                << shownLocal(all[i], zone_);
        }
    }
}

TEST_P(SchedulesOfTenYears, WeeksAndMonthsHaveTheirDays) {
    EXPECT_EQ(times("weekly on mon,thu at 02:00").size(), 1'044U);
    EXPECT_EQ(times("monthly on last at 02:30").size(), 120U);
    EXPECT_EQ(times("monthly on 31 at 02:30").size(), 70U);
    EXPECT_EQ(times("monthly on first sunday, last sunday at 02:30").size(), 240U);
    EXPECT_EQ(times("cron 30 2 29 2 *").size(), 3U);
}

TEST_P(SchedulesOfTenYears, WordsAndCronAgree) {
    const std::pair<const char*, const char*> same[] = {
        {"daily at 02:30", "cron 30 2 * * *"},
        {"weekly on mon,thu at 01:30", "cron 30 1 * * mon,thu"},
        {"monthly on 1,15 at 03:00", "cron 0 3 1,15 * *"},
        {"weekly on mon-fri at 02:00", "cron 0 2 * * 1-5"},
        {"daily at 00:15,12:15", "cron 15 0,12 * * *"},
        {"daily at 21:30 except 12-25", "cron 30 21 * * * except 12-25"},
    };
    for (const auto& [words, cron] : same) EXPECT_EQ(times(words), times(cron)) << words;
    EXPECT_EQ(times("every 15 minutes", "2026-02-01 00:00", "2026-05-01 00:00"),
              times("cron */15 * * * *", "2026-02-01 00:00", "2026-05-01 00:00"));
    EXPECT_EQ(times("every 15 minutes", "2026-09-25 00:00", "2026-12-01 00:00"),
              times("cron */15 * * * *", "2026-09-25 00:00", "2026-12-01 00:00"));
}

INSTANTIATE_TEST_SUITE_P(Zones, SchedulesOfTenYears,
                         testing::Values("UTC", "Europe/Berlin", "America/New_York",
                                         "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca",
                                         "Africa/Cairo", "America/Havana", "America/Nuuk"),
                         [](const auto& name) {
                             std::string text = name.param;
                             for (char& letter : text) {
                                 if (letter == '/') letter = '_';
                             }
                             return text;
                         });

}  // namespace
}  // namespace coffer
