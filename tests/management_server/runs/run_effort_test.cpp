#include "management_server/runs/run_effort.h"

#include <gtest/gtest.h>

namespace coffer {
namespace {

using std::chrono::seconds;

TEST(RunEffort, GivesUpAfterTenAttemptsInVain) {
    RunEffort effort;
    for (unsigned i = 1; i < RunEffort::mostFruitless; ++i) {
        effort.lost({});
        EXPECT_EQ(effort.fruitless(), i);
        EXPECT_FALSE(effort.exhausted());
    }
    effort.lost({});
    EXPECT_TRUE(effort.exhausted());
}

TEST(RunEffort, CountsAnewWhenItGotFurther) {
    RunEffort effort;
    effort.lost({{"files", "10"}});
    EXPECT_EQ(effort.fruitless(), 0U);
    effort.lost({{"files", "10"}});
    effort.lost({{"files", "9"}});
    EXPECT_EQ(effort.fruitless(), 2U);
    effort.lost({{"files", "9"}, {"bytes", "1"}});
    EXPECT_EQ(effort.fruitless(), 0U);
    effort.lost({{"files", "11"}});
    EXPECT_EQ(effort.fruitless(), 0U);
}

TEST(RunEffort, LooksAtWhatGrowsWithTheWorkOnly) {
    RunEffort effort;
    // Sent anew by each attempt, and not even a number.
    effort.lost({{"new-bytes", "5"}, {"files", "many"}, {"bytes", "-1"}});
    EXPECT_EQ(effort.fruitless(), 1U);
}

TEST(RunEffort, PausesLongerAndLonger) {
    RunEffort effort;
    EXPECT_EQ(effort.pause(), seconds(1));
    seconds before = effort.pause();
    for (int i = 0; i < 9; ++i) {
        effort.lost({});
        EXPECT_EQ(effort.pause(), std::min(2 * before, RunEffort::longestPause));
        before = effort.pause();
    }
    for (int i = 0; i < 100; ++i) effort.lost({});
    EXPECT_EQ(effort.pause(), RunEffort::longestPause);
}

}  // namespace
}  // namespace coffer
