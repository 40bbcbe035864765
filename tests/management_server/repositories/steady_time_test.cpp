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

}  // namespace
}  // namespace coffer
