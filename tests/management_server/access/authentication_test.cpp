#include "management_server/access/authentication.h"

#include "tests/management_server/access/access_fixture.h"

namespace coffer {
namespace {

using Proof = Authentication::Proof;

struct Authenticated : UsersFixture {
    Authentication authentication{users, clock};

    std::optional<Error> tryIt(const std::string& user, const std::string& password,
                               Proof proof = Proof::none, const std::string& address = "peer") {
        return errorOf([&] { authentication.check(user, password, proof, address); });
    }
    void expectCode(ErrorCode code, const std::optional<Error>& error) {
        ASSERT_TRUE(error);
        EXPECT_EQ(nameOf(error->code()), nameOf(code)) << error->what();
    }
};

TEST_F(Authenticated, GivesTheUser) {
    EXPECT_EQ(authentication.check("ann", goodPassword, Proof::none, "peer").name, "ann");
}

TEST_F(Authenticated, SaysTheSameOfUnknownUsersAndWrongPasswords) {
    const auto wrong = tryIt("ann", "another password");
    const auto unknown = tryIt("nobody", "another password");
    expectCode(ErrorCode::permissionDenied, wrong);
    expectCode(ErrorCode::permissionDenied, unknown);
    EXPECT_STREQ(wrong->what(), unknown->what());
    // Both wait alike, too.
    expectCode(ErrorCode::limitExceeded, tryIt("ann", "another password"));
    expectCode(ErrorCode::limitExceeded, tryIt("nobody", "another password"));
}

TEST_F(Authenticated, DoesNoWorkWhileADelayRuns) {
    tryIt("ann", "another password");
    hasher.compared = 0;
    const auto error = tryIt("ann", goodPassword);
    expectCode(ErrorCode::limitExceeded, error);
    EXPECT_EQ(error->retryAfter(), 1'000U);
    EXPECT_EQ(hasher.compared, 0);
    clock.advance(1);
    EXPECT_FALSE(tryIt("ann", goodPassword));
    EXPECT_FALSE(tryIt("ann", goodPassword));
}

TEST_F(Authenticated, DelaysGrow) {
    for (const std::uint32_t delay : {1U, 2U, 4U, 8U}) {
        expectCode(ErrorCode::permissionDenied, tryIt("ann", "another password"));
        const auto error = tryIt("ann", goodPassword);
        expectCode(ErrorCode::limitExceeded, error);
        EXPECT_EQ(error->retryAfter(), delay * 1'000);
        clock.advance(delay);
    }
}

TEST_F(Authenticated, StrangersDoNotLockOutWhoHasACertificate) {
    tryIt("ann", "another password");
    expectCode(ErrorCode::limitExceeded, tryIt("ann", goodPassword, Proof::none, "elsewhere"));
    EXPECT_FALSE(tryIt("ann", goodPassword, Proof::certificate, "elsewhere"));
    // Guessing with a certificate is as slow.
    tryIt("ann", "another password", Proof::certificate);
    expectCode(ErrorCode::limitExceeded, tryIt("ann", goodPassword, Proof::certificate));
}

TEST_F(Authenticated, AnAddressThatTriesManyUsersWaits) {
    for (int i = 0; i < 11; ++i) {
        expectCode(ErrorCode::permissionDenied,
                   tryIt("user" + std::to_string(i), "wrong password"));
    }
    expectCode(ErrorCode::limitExceeded, tryIt("ann", goodPassword));
    EXPECT_FALSE(tryIt("ann", goodPassword, Proof::none, "elsewhere"));
}

TEST_F(Authenticated, CallsWithinTheProcessHaveNoAddress) {
    for (int i = 0; i < 30; ++i) {
        expectCode(ErrorCode::permissionDenied,
                   tryIt("user" + std::to_string(i), "wrong password", Proof::none, ""));
    }
    EXPECT_FALSE(tryIt("ann", goodPassword, Proof::none, ""));
}

TEST_F(Authenticated, ABusyServerIsNobodysFailure) {
    hasher.failing = true;
    expectCode(ErrorCode::limitExceeded, tryIt("ann", goodPassword));
    hasher.failing = false;
    EXPECT_FALSE(tryIt("ann", goodPassword));
}

}  // namespace
}  // namespace coffer
