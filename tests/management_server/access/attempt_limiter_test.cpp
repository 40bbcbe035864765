#include "management_server/access/attempt_limiter.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

struct Attempts : testing::Test {
    ManualClock clock;
    const SecretKey salt{};  // no two names used here share a place with it

    void fail(AttemptLimiter& limiter, const std::string& key) { limiter.admit(key).failed(); }
    void succeed(AttemptLimiter& limiter, const std::string& key) {
        limiter.admit(key).succeeded();
    }

    // How long an attempt would have to wait; 0 when it would be let in.
    std::uint32_t waitOf(AttemptLimiter& limiter, const std::string& key) {
        const auto error = errorOf([&] { const auto attempt = limiter.admit(key); });
        if (!error) return 0;
        EXPECT_EQ(error->code(), ErrorCode::limitExceeded);
        EXPECT_GT(error->retryAfter(), 0U);
        return error->retryAfter();
    }
};

TEST_F(Attempts, WaitLongerWithEachFailure) {
    AttemptLimiter limiter(clock, {}, salt);
    for (const std::uint32_t delay :
         {1'000U, 2'000U, 4'000U, 8'000U, 16'000U, 32'000U, 60'000U, 60'000U}) {
        fail(limiter, "ann");
        EXPECT_EQ(waitOf(limiter, "ann"), delay);
        clock.advance(delay / 1'000 - 1);
        EXPECT_EQ(waitOf(limiter, "ann"), 1'000U);
        clock.advance(1);
        EXPECT_EQ(waitOf(limiter, "ann"), 0U);
    }
}

TEST_F(Attempts, OfOneKeyDoNotDelayAnother) {
    AttemptLimiter limiter(clock, {}, salt);
    fail(limiter, "ann");
    EXPECT_EQ(waitOf(limiter, "bob"), 0U);
}

TEST_F(Attempts, AreForgivenBySuccess) {
    AttemptLimiter limiter(clock, {}, salt);
    fail(limiter, "ann");
    clock.advance(1);
    fail(limiter, "ann");
    clock.advance(2);
    succeed(limiter, "ann");
    EXPECT_EQ(waitOf(limiter, "ann"), 0U);
    fail(limiter, "ann");
    EXPECT_EQ(waitOf(limiter, "ann"), 1'000U);
}

TEST_F(Attempts, AreNotForgivenWhereOthersMaySucceed) {
    AttemptLimiter limiter(clock, {.freeFailures = 2, .successForgives = false}, salt);
    fail(limiter, "here");
    fail(limiter, "here");
    succeed(limiter, "here");
    EXPECT_EQ(waitOf(limiter, "here"), 0U);
    fail(limiter, "here");
    EXPECT_EQ(waitOf(limiter, "here"), 1'000U);
}

TEST_F(Attempts, AreForgottenAfterAWhile) {
    AttemptLimiter limiter(clock, {.forgetSeconds = 500}, salt);
    for (int i = 0; i < 8; ++i) {
        fail(limiter, "ann");
        clock.advance(60);
    }
    clock.advance(440);
    fail(limiter, "ann");
    EXPECT_EQ(waitOf(limiter, "ann"), 1'000U);
}

TEST_F(Attempts, WithoutAnEndDoNotCount) {
    AttemptLimiter limiter(clock, {}, salt);
    { const auto attempt = limiter.admit("ann"); }
    EXPECT_EQ(waitOf(limiter, "ann"), 0U);
}

TEST_F(Attempts, AtOnceAreBounded) {
    AttemptLimiter limiter(clock, {.atOnce = 2}, salt);
    const auto one = limiter.admit("ann");
    {
        const auto two = limiter.admit("ann");
        EXPECT_GT(waitOf(limiter, "ann"), 0U);
    }
    EXPECT_EQ(waitOf(limiter, "ann"), 0U);
}

TEST_F(Attempts, AtOnceAreOneOnceThereIsADelay) {
    AttemptLimiter limiter(clock, {}, salt);
    fail(limiter, "ann");
    clock.advance(1);
    const auto one = limiter.admit("ann");
    EXPECT_GT(waitOf(limiter, "ann"), 0U);
}

TEST_F(Attempts, AreNotLockedOutByAClockThatIsSetBack) {
    AttemptLimiter limiter(clock, {}, salt);
    fail(limiter, "ann");
    clock.advance(-1'000'000);
    EXPECT_EQ(waitOf(limiter, "ann"), 1'000U);
    clock.advance(1);
    EXPECT_EQ(waitOf(limiter, "ann"), 0U);
}

TEST_F(Attempts, OfManyKeysShareTheirPlaces) {
    AttemptLimiter limiter(clock, {.places = 4}, salt);
    for (int i = 0; i < 64; ++i) {
        const std::string key = "user " + std::to_string(i);
        if (waitOf(limiter, key) == 0) fail(limiter, key);
    }
    EXPECT_GT(waitOf(limiter, "somebody else"), 0U);
}

TEST_F(Attempts, WaitByWhatIsSetMeanwhile) {
    AttemptLimiter limiter(clock, {}, salt);
    fail(limiter, "ann");
    limiter.setPatience(0, 5'000, 7'000);
    EXPECT_EQ(waitOf(limiter, "ann"), 5'000U);
    clock.advance(5);
    fail(limiter, "ann");
    EXPECT_EQ(waitOf(limiter, "ann"), 7'000U);
    limiter.setPatience(2, 5'000, 7'000);
    EXPECT_EQ(waitOf(limiter, "ann"), 0U);
}

}  // namespace
}  // namespace coffer
