#include "core/base/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

struct RetryTest : testing::Test {
    std::vector<milliseconds> pauses;
    Retry retry{{5, milliseconds(100), milliseconds(300)}, [this](std::chrono::nanoseconds time) {
                    pauses.push_back(std::chrono::duration_cast<milliseconds>(time));
                }};
    int calls = 0;

    // Fails so often, then succeeds.
    int work(int failures, const Error& error) {
        return retry([&] {
            if (++calls <= failures) throw error;
            return calls;
        });
    }
};

TEST_F(RetryTest, ReturnsWhatTheFirstSuccessGives) {
    EXPECT_EQ(work(2, Error::fromErrno(EIO, "disk")), 3);
    EXPECT_THAT(pauses, ElementsAre(milliseconds(100), milliseconds(200)));
}

TEST_F(RetryTest, PausesGrowToTheLongestAndAttemptsAreBounded) {
    expectError(
        ErrorCode::unavailable, [&] { work(99, Error(ErrorCode::unavailable, "no answer")); },
        "no answer");
    EXPECT_EQ(calls, 5);
    EXPECT_THAT(pauses, ElementsAre(milliseconds(100), milliseconds(200), milliseconds(300),
                                    milliseconds(300)));
}

TEST_F(RetryTest, WaitsAsLongAsTheErrorAsksForButNoLongerThanTheLongest) {
    work(1, Error(ErrorCode::busy, "later").withRetryAfter(250));
    calls = 0;
    work(1, Error(ErrorCode::limitExceeded, "later").withRetryAfter(99'000));
    EXPECT_THAT(pauses, ElementsAre(milliseconds(250), milliseconds(300)));
}

TEST_F(RetryTest, DoesNotRepeatWhatWillNotPass) {
    for (const ErrorCode code :
         {ErrorCode::noSpace, ErrorCode::permissionDenied, ErrorCode::corrupt, ErrorCode::notFound,
          ErrorCode::alreadyExists, ErrorCode::invalidArgument, ErrorCode::cancelled}) {
        calls = 0;
        expectError(code, [&] { work(1, Error(code, "x")); });
        EXPECT_EQ(calls, 1);
    }
    EXPECT_TRUE(pauses.empty());
}

TEST(Pause, EndsWhenItIsToldToStop) {
    CancelToken cancel;
    const Pause pause = pauseUnless(cancel);
    pause({});
    cancel.request();
    expectError(ErrorCode::cancelled, [&] { pause(std::chrono::hours(1)); });
}

}  // namespace
}  // namespace coffer
