#include "management_server/repositories/steady_time.h"

#include <gtest/gtest.h>

namespace coffer {
namespace {

TEST(SteadyTime, CountsFromTheFirstLookOn) {
    SteadyTime time;
    EXPECT_EQ(time.look({1'000, 0}), 0);
    EXPECT_EQ(time.look({1'000, 5}), 0);
    EXPECT_EQ(time.look({1'060, 0}), 60);
    EXPECT_EQ(time.look({1'060 + SteadyTime::longestStep, 0}), 60 + SteadyTime::longestStep);
}

TEST(SteadyTime, BeginsAnewWhenTheClockJumps) {
    SteadyTime time;
    time.look({1'000, 0});
    time.look({1'500, 0});
    EXPECT_EQ(time.look({1'501 + SteadyTime::longestStep, 0}), 0);
    EXPECT_EQ(time.look({1'561 + SteadyTime::longestStep, 0}), 60);
    EXPECT_EQ(time.look({1'500, 0}), 0);
    EXPECT_EQ(time.look({1'510, 0}), 10);
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
