#include "core/base/guarded.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "core/base/threads.h"

namespace coffer {
namespace {

TEST(Guarded, ReturnsWhatTheWorkReturns) {
    Guarded<std::vector<int>> data(3U, 7);
    EXPECT_EQ(data.with([](auto& items) { return items.size(); }), 3U);
    EXPECT_EQ(std::as_const(data).with([](const auto& items) { return items.front(); }), 7);
    int& first = data.with([](auto& items) -> int& { return items.front(); });
    first = 8;
    EXPECT_EQ(data.with([](auto& items) { return items.front(); }), 8);
}

TEST(Guarded, IsUnlockedAfterAnException) {
    Guarded<int> data(1);
    EXPECT_THROW(data.with([](int&) { throw std::runtime_error("x"); }), std::runtime_error);
    EXPECT_THROW(data.change([](int&) { throw std::runtime_error("x"); }), std::runtime_error);
    EXPECT_EQ(data.with([](int& value) { return value; }), 1);
}

TEST(Guarded, KeepsThreadsApart) {
    Guarded<int> count(0);
    ThreadScope threads;
    for (int i = 0; i < 4; ++i) {
        threads.start([&] {
            for (int n = 0; n < 10'000; ++n) count.with([](int& value) { ++value; });
        });
    }
    threads.join();
    EXPECT_EQ(count.with([](int value) { return value; }), 40'000);
}

TEST(Guarded, ChangeWakesWhoWaits) {
    Guarded<int> turn(0);
    std::string order;
    ThreadScope threads;
    for (int who = 3; who >= 0; --who) {
        threads.start([&, who] {
            turn.when([&](int value) { return value == who; },
                      [&](int&) { order += std::to_string(who); });
            turn.change([](int& value) { ++value; });
        });
    }
    threads.join();
    EXPECT_EQ(order, "0123");
}

}  // namespace
}  // namespace coffer
