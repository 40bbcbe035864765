#include "core/schedule/cron.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

template <std::size_t size>
std::string shown(const std::bitset<size>& values) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
        if (values.test(i)) text += (text.empty() ? "" : " ") + std::to_string(i);
    }
    return text;
}

TEST(CronTest, ListsRangesStepsAndNames) {
    const Cron cron = Cron::parse("*/20 1-5/2,22 1,15 jan-mar,DEC mon,fri-sun");
    EXPECT_EQ(shown(cron.minutes), "0 20 40");
    EXPECT_EQ(shown(cron.hours), "1 3 5 22");
    EXPECT_EQ(shown(cron.days.monthDays), "1 15");
    EXPECT_EQ(shown(cron.days.months), "1 2 3 12");
    EXPECT_EQ(shown(cron.days.weekdays), "0 1 5 6");
    EXPECT_EQ(shown(Cron::parse("0 0 * * sun-sun").days.weekdays), "0");
    EXPECT_EQ(shown(Cron::parse("50/5 * * * *").minutes), "50 55");
}

TEST(CronTest, SundayHasTwoNumbers) {
    EXPECT_EQ(shown(Cron::parse("0 0 * * 0").days.weekdays), "0");
    EXPECT_EQ(shown(Cron::parse("0 0 * * 7").days.weekdays), "0");
    EXPECT_EQ(shown(Cron::parse("0 0 * * 5-7").days.weekdays), "0 5 6");
}

TEST(CronTest, OfTwoDaysEitherIsEnough) {
    const std::int64_t friday = daysOf({2026, 11, 27});
    const DayRule either = Cron::parse("0 0 13 * fri").days;
    EXPECT_TRUE(either.isOn(friday));
    EXPECT_TRUE(either.isOn(daysOf({2026, 12, 13})));  // a Sunday
    EXPECT_FALSE(either.isOn(friday + 1));
    const DayRule both = Cron::parse("0 0 */2 * fri").days;  // odd days that are Fridays
    EXPECT_TRUE(both.isOn(friday));
    EXPECT_FALSE(both.isOn(friday + 7));
    EXPECT_FALSE(both.isOn(friday + 2));
}

TEST(CronTest, BadFieldsAreNamed) {
    for (const auto& [text, says] : std::initializer_list<std::pair<const char*, const char*>>{
             {"* * * * * *", "needs five fields"},
             {"-1 * * * *", "minute"},
             {"* 24 * * *", "'24' is no hour"},
             {"* * 0 * *", "'0' is no day of the month"},
             {"* * * 13 *", "'13' is no month"},
             {"* * * * 8", "'8' is no day of the week"},
             {"5-1 * * * *", "'5-1' is no minute"},
             {"*/0 * * * *", "'*/0' is no minute"},
             {"1,,2 * * * *", "'' is no minute"},
             {"@daily", "needs five fields"}}) {
        expectError(
            ErrorCode::invalidArgument, [&, text = text] { Cron::parse(text); }, says);
    }
}

}  // namespace
}  // namespace coffer
