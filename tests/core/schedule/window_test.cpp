#include "core/schedule/window.h"

#include <gtest/gtest.h>

#include "tests/core/schedule/moments.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

class WindowTest : public testing::Test {
  protected:
    std::string shown(const std::optional<Timestamp>& time) const {
        return time ? shownLocal(time->seconds, zone_) : "never";
    }
    bool isOpen(const Window& window, const char* time) const {
        return window.isOpen(at(time, zone_), zone_);
    }
    std::string opens(const Window& window, const char* time) const {
        return shown(window.nextOpening(at(time, zone_), zone_));
    }
    std::string closes(const Window& window, const char* time) const {
        return shown(window.closesAt(at(time, zone_), zone_));
    }

    const TimeZone zone_ = TimeZone::load("Europe/Berlin");
    const Window nights_ = Window::parse("mon-fri 20:00-06:00; sat,sun 00:00-24:00");
};

TEST_F(WindowTest, NightsAndWeekends) {  // 2026-11-26 is a Thursday
    EXPECT_FALSE(isOpen(nights_, "2026-11-26 19:59"));
    EXPECT_TRUE(isOpen(nights_, "2026-11-26 20:00"));
    EXPECT_TRUE(isOpen(nights_, "2026-11-27 05:59"));
    EXPECT_FALSE(isOpen(nights_, "2026-11-27 06:00"));
    EXPECT_FALSE(isOpen(nights_, "2026-11-30 00:00"));  // Monday: Sunday has no night
    EXPECT_EQ(opens(nights_, "2026-11-26 12:00"), "2026-11-26 20:00:00");
    EXPECT_EQ(closes(nights_, "2026-11-26 21:00"), "2026-11-27 06:00:00");
    EXPECT_EQ(closes(nights_, "2026-11-27 21:00"), "2026-11-30 00:00:00");
    EXPECT_EQ(opens(nights_, "2026-11-26 21:00"), "2026-11-26 21:00:00");
    EXPECT_EQ(closes(nights_, "2026-11-26 12:00"), "2026-11-26 12:00:00");
}

TEST_F(WindowTest, EmptyIsAlways) {
    const Window always = Window::parse(" ");
    EXPECT_TRUE(isOpen(always, "2026-11-26 12:00"));
    EXPECT_EQ(closes(always, "2026-11-26 12:00"), "never");
    EXPECT_EQ(closes(Window::parse("mon-sun 00:00-24:00"), "2026-11-26 12:00"), "never");
}

TEST_F(WindowTest, PassesTheEndOfTheWeek) {
    const Window window = Window::parse("sat 23:55-00:05");
    EXPECT_TRUE(isOpen(window, "2026-11-28 23:57"));
    EXPECT_TRUE(isOpen(window, "2026-11-29 00:04"));
    EXPECT_FALSE(isOpen(window, "2026-11-29 00:05"));
}

TEST_F(WindowTest, InAnHourThatDoesNotComeStaysClosed) {
    const Window window = Window::parse("sun 02:00-02:30");
    EXPECT_EQ(opens(window, "2026-03-28 12:00"), "2026-04-05 02:00:00");
    EXPECT_EQ(opens(Window::parse("sun 02:00-03:30"), "2026-03-28 12:00"), "2026-03-29 03:00:00");
}

TEST_F(WindowTest, ClosesByTheClockOnTheWallWhenItIsSetBack) {
    const Window window = Window::parse("sun 01:00-02:30");
    const Timestamp closes = *window.closesAt(at("2026-10-25 01:30", zone_), zone_);
    EXPECT_EQ(toIso8601(closes), "2026-10-25T00:30:00Z");
    EXPECT_EQ(toIso8601(*window.nextOpening(closes, zone_)), "2026-10-25T01:00:00Z");
}

TEST_F(WindowTest, ShortOnesAreRefused) {
    const auto refused = [](const char* text, const char* says) {
        expectError(
            ErrorCode::invalidArgument, [&] { Window::parse(text); }, says);
    };
    refused("mon 20:00-20:09", "a window of 9 minutes is too short: 10 at least");
    refused("sat 23:56-00:05", "a window of 9 minutes");
    refused("mon-sun 00:00-23:59; mon 12:00-12:00", "'12:00-12:00' is no time at all");
    refused("mon", "write DAYS HH:MM-HH:MM");
    refused("20:00-06:00", "is no day of the week");
    refused("mon 20:00-24:01", "'24:01' is no time of day");
    refused("mon 08:00-09:00;", "is no day of the week");
    Window::parse("mon 20:00-20:05,20:05-20:10");
}

TEST(WordsTest, LengthsOfTime) {
    EXPECT_EQ(words::duration("90s"), 90);
    EXPECT_EQ(words::duration("30m"), 1'800);
    EXPECT_EQ(words::duration("12h"), 43'200);
    EXPECT_EQ(words::duration("7d"), 604'800);
    for (const char* text : {"", "m", "5", "-5m", "5 m", "1h30m", "9999999d", "5w"}) {
        expectError(
            ErrorCode::invalidArgument, [&] { words::duration(text); }, "no length of time");
    }
}

}  // namespace
}  // namespace coffer
