#include "management_server/repositories/steady_time.h"

#include <gtest/gtest.h>

namespace coffer {
namespace {

using Tick = std::chrono::steady_clock::time_point;

Tick at(int seconds) {
    return Tick(std::chrono::seconds(seconds));
}

TEST(SteadyTime, CountsFromTheFirstLookOn) {
    SteadyTime time;
    EXPECT_EQ(time.look({1'000, 0}, at(7)), 0);
    EXPECT_EQ(time.look({1'000, 5}, at(7)), 0);
    EXPECT_EQ(time.look({1'060, 0}, at(7)), 60);
    EXPECT_EQ(time.look({1'060 + SteadyTime::longestStep, 0}, at(7)), 60 + SteadyTime::longestStep);
}

TEST(SteadyTime, BeginsAnewWhenTheClockJumps) {
    SteadyTime time;
    time.look({1'000, 0}, at(7));
    time.look({1'500, 0}, at(7));
    EXPECT_EQ(time.look({1'501 + SteadyTime::longestStep, 0}, at(7)), 0);
    EXPECT_EQ(time.look({1'561 + SteadyTime::longestStep, 0}, at(7)), 60);
    EXPECT_EQ(time.look({1'500, 0}, at(7)), 0);
    EXPECT_EQ(time.look({1'510, 0}, at(7)), 10);
}

// Who looks works on something else meanwhile.
TEST(SteadyTime, DoesNotTakeALongPauseForAJump) {
    SteadyTime time;
    time.look({1'000, 0}, at(50));
    EXPECT_EQ(time.look({8'200, 0}, at(50 + 7'200)), 7'200);
    EXPECT_EQ(time.look({8'260 + SteadyTime::longestStep, 0}, at(50 + 7'260)),
              7'260 + SteadyTime::longestStep);
    EXPECT_EQ(time.look({20'000, 0}, at(50 + 7'320)), 0);
    EXPECT_EQ(time.look({20'060, 0}, at(50 + 7'380)), 60);
}

TEST(SteadyTime, IsLongEnoughAfterAnHourOrTheGracePeriod) {
    SteadyTime time;
    EXPECT_TRUE(time.couldAct({1'000, 0}, 0));
    EXPECT_FALSE(time.couldAct({1'050, 0}, 60));
    EXPECT_TRUE(time.couldAct({1'060, 0}, 60));
    const std::int64_t week = 7 * 86'400;
    for (std::int64_t minute = 2; minute < 60; ++minute) {
        EXPECT_FALSE(time.couldAct({1'000 + minute * 60, 0}, week));
    }
    EXPECT_TRUE(time.couldAct({1'000 + 3'600, 0}, week));
    EXPECT_FALSE(time.couldAct({1'000 + week, 0}, week));  // a jump
}

}  // namespace
}  // namespace coffer
