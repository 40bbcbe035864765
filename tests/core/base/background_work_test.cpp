#include "core/base/background_work.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>

namespace coffer {
namespace {

struct BackgroundWorkTest : testing::Test {
    std::atomic<int> done = 0;
    std::atomic<int> failures = 0;
    BackgroundWork background{[this] {
                                  if (++done == 2) throw std::runtime_error("bad luck");
                              },
                              [this](const std::exception& error) {
                                  EXPECT_EQ(std::string(error.what()), "bad luck");
                                  ++failures;
                              }};
};

TEST_F(BackgroundWorkTest, IsDoneWhenAskedForAndGoesOnBehindAFailure) {
    background.ask();
    background.ask();
    background.start();
    background.settle();
    EXPECT_EQ(done, 1);
    for (int i = 2; i <= 3; ++i) {
        background.ask();
        background.settle();
        EXPECT_EQ(done, i);
    }
    EXPECT_EQ(failures, 1);
}

TEST_F(BackgroundWorkTest, DoesTheRestOnceWhenItIsStopped) {
    int rest = 0;
    const auto last = [&] {
        ++rest;
        EXPECT_FALSE(background.isStopping());
    };
    background.stop(last);
    EXPECT_EQ(rest, 0) << "it was not started";
    background.start();
    background.stop(last);
    background.stop(last);
    EXPECT_EQ(rest, 1);
    background.start();
    background.ask();
    background.settle();
    EXPECT_EQ(done, 1) << "it can be started again";
}

TEST(BackgroundWork, TellsLongWorkToEnd) {
    std::atomic<bool> begun = false;
    BackgroundWork* self = nullptr;
    BackgroundWork background(
        [&] {
            begun = true;
            while (!self->isStopping()) std::this_thread::yield();
        },
        [](const std::exception&) {});
    self = &background;
    background.start();
    background.ask();
    while (!begun) std::this_thread::yield();
    background.stop();
}

}  // namespace
}  // namespace coffer
