#include "core/base/threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <stdexcept>

#include "core/base/cancel.h"
#include "core/base/guarded.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

TEST(ThreadScope, JoinWaitsForAll) {
    std::atomic<int> done = 0;
    ThreadScope threads;
    for (int i = 0; i < 8; ++i) threads.start([&] { ++done; });
    threads.join();
    EXPECT_EQ(done, 8);
    threads.join();
}

TEST(ThreadScope, DestructorWaitsAndSwallows) {
    std::atomic<int> done = 0;
    {
        ThreadScope threads;
        threads.start([&] { ++done; });
        threads.start([] { throw std::runtime_error("unseen"); });
    }
    EXPECT_EQ(done, 1);
}

TEST(ThreadScope, JoinRethrowsTheFirstException) {
    Guarded<bool> firstFailed(false);
    ThreadScope threads;
    threads.start([] { throw Error(ErrorCode::corrupt, "first"); },
                  [&] { firstFailed.change([](bool& failed) { failed = true; }); });
    threads.start([&] {
        firstFailed.when([](bool failed) { return failed; }, [](bool&) {});
        throw std::runtime_error("second");
    });
    expectError(
        ErrorCode::corrupt, [&] { threads.join(); }, "first");
    threads.join();
}

TEST(ThreadScope, FailureIsToldToPeers) {
    Guarded<bool> stop(false);
    std::atomic<int> told = 0;
    ThreadScope threads;
    threads.start([&] { stop.when([](bool stopped) { return stopped; }, [](bool&) {}); },
                  [&] { ++told; });
    threads.start([] { throw std::runtime_error("broken"); },
                  [&] {
                      ++told;
                      stop.change([](bool& stopped) { stopped = true; });
                  });
    EXPECT_THROW(threads.join(), std::runtime_error);
    EXPECT_EQ(told, 1);
}

TEST(ThreadScope, CanBeUsedAgain) {
    ThreadScope threads;
    threads.start([] { throw std::runtime_error("broken"); });
    EXPECT_THROW(threads.join(), std::runtime_error);
    std::atomic<bool> ran = false;
    threads.start([&] { ran = true; });
    threads.join();
    EXPECT_TRUE(ran);
}

TEST(Threads, ThereIsACore) {
    EXPECT_GE(availableCores(), 1U);
}

TEST(CancelToken, ThrowsOnceRequested) {
    CancelToken token;
    token.check();
    EXPECT_FALSE(token.requested());
    token.request();
    EXPECT_TRUE(token.requested());
    expectError(ErrorCode::cancelled, [&] { token.check(); });
}

}  // namespace
}  // namespace coffer
