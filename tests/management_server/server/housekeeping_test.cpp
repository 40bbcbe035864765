#include "management_server/server/housekeeping.h"

#include <gtest/gtest.h>

#include <atomic>

#include "core/base/error.h"

namespace coffer {
namespace {

using namespace std::chrono_literals;

TEST(HousekeepingChores, haveTheirTurns) {
    int often = 0;
    int seldom = 0;
    Housekeeping house(1h, {{"often", 1, [&] { ++often; }}, {"seldom", 3, [&] { ++seldom; }}});
    for (int i = 0; i < 7; ++i) house.round();
    EXPECT_EQ(often, 7);
    EXPECT_EQ(seldom, 2);
}

TEST(HousekeepingChores, thatFailKeepNobodyFromTheirs) {
    int others = 0;
    Housekeeping house(1h, {{"bad", 1, [] { throw Error(ErrorCode::ioError, "no"); }},
                            {"good", 1, [&] { ++others; }}});
    house.round();
    house.round();
    EXPECT_EQ(others, 2);
}

TEST(HousekeepingThread, stopsWithoutWaitingForItsRound) {
    Housekeeping house(24h, {{"never", 1, [] { FAIL(); }}});
    house.start();
    house.stop();
    house.stop();
}

TEST(HousekeepingThread, works) {
    Guarded<int> rounds;
    Housekeeping house(1ms, {{"count", 1, [&] { rounds.change([](int& count) { ++count; }); }}});
    house.start();
    rounds.when([](int count) { return count >= 3; }, [](int&) {});
}

}  // namespace
}  // namespace coffer
