#include "core/base/clock.h"

#include <gtest/gtest.h>

#include <limits>

namespace coffer {
namespace {

TEST(Iso8601, KnownDates) {
    const std::pair<std::int64_t, const char*> samples[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59Z"},
        {-86400, "1969-12-31T00:00:00Z"},
        {-86401, "1969-12-30T23:59:59Z"},
        {951'782'400, "2000-02-29T00:00:00Z"},
        {951'868'800, "2000-03-01T00:00:00Z"},
        {-2'203'977'600, "1900-02-28T00:00:00Z"},
        {-2'203'891'200, "1900-03-01T00:00:00Z"},
        {1'795'292'103, "2026-11-21T20:15:03Z"},
        {2'147'483'648, "2038-01-19T03:14:08Z"},
        {9'223'372'037, "2262-04-11T23:47:17Z"},
        {13'574'563'200, "2400-02-29T00:00:00Z"},
        {13'601'087'999, "2400-12-31T23:59:59Z"},
        {-11'644'473'600, "1601-01-01T00:00:00Z"},
        {-62'135'596'800, "0001-01-01T00:00:00Z"},
        {-62'167'219'200, "0000-01-01T00:00:00Z"},
        {253'402'300'800, "10000-01-01T00:00:00Z"}};
    for (const auto& [seconds, text] : samples) EXPECT_EQ(toIso8601({seconds, 0}), text);
    EXPECT_EQ(toIso8601({-1, 999'999'999}), "1969-12-31T23:59:59Z");
}

TEST(Timestamp, OrderIsThatOfTime) {
    EXPECT_LT((Timestamp{-1, 999'999'999}), (Timestamp{0, 0}));
    EXPECT_LT((Timestamp{0, 0}), (Timestamp{0, 1}));
    EXPECT_EQ((Timestamp{5, 6}), (Timestamp{5, 6}));
}

TEST(Timestamp, ArithmeticCarries) {
    constexpr std::int64_t second = 1'000'000'000;
    EXPECT_EQ((Timestamp{1, 999'999'999} + 1), (Timestamp{2, 0}));
    EXPECT_EQ((Timestamp{1, 0} - 1), (Timestamp{0, 999'999'999}));
    EXPECT_EQ((Timestamp{0, 0} - 1), (Timestamp{-1, 999'999'999}));
    EXPECT_EQ((Timestamp{-1, 500'000'000} + second / 2), (Timestamp{0, 0}));
    EXPECT_EQ((Timestamp{-1, 1} - 2), (Timestamp{-2, 999'999'999}));
    EXPECT_EQ((Timestamp{10, 5} + 3 * second), (Timestamp{13, 5}));
    EXPECT_EQ((Timestamp{10, 5} - 3 * second), (Timestamp{7, 5}));
    EXPECT_EQ((Timestamp{10, 999'999'999} - (2 * second + 999'999'999)), (Timestamp{8, 0}));
    EXPECT_EQ((Timestamp{0, 0} + std::numeric_limits<std::int64_t>::max()),
              (Timestamp{9'223'372'036, 854'775'807}));
    EXPECT_EQ((Timestamp{0, 0} + std::numeric_limits<std::int64_t>::min()),
              (Timestamp{-9'223'372'037, 145'224'192}));
}

TEST(Clocks, ManualOneMovesOnlyWhenTold) {
    ManualClock clock(100);
    EXPECT_EQ(clock.now(), (Timestamp{100, 0}));
    clock.advance(-150);
    EXPECT_EQ(clock.now(), (Timestamp{-50, 0}));
}

TEST(Clocks, SystemOneIsOfThisMillennium) {
    const Timestamp now = SystemClock().now();
    EXPECT_GT(now.seconds, 1'600'000'000);
    EXPECT_LT(now.nanoseconds, 1'000'000'000U);
}

}  // namespace
}  // namespace coffer
