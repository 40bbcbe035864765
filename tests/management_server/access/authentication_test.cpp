#include "management_server/access/authentication.h"

#include "management_server/access/totp.h"
#include "tests/management_server/access/access_fixture.h"

namespace coffer {
namespace {

using Proof = Authentication::Proof;

struct Authenticated : UsersFixture {
    // The same every time: none of the names used here share a place with this salt.
    const SecretKey salt{};
    Authentication authentication{users, tokens, factors, clock, {}, salt};

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

TEST_F(Authenticated, TakesATokenInPlaceOfThePassword) {
    Timestamp end = clock.now();
    end.seconds += 86'400;
    permissions.add("user:ann", {UserRole::administrator});
    users.add("bob", goodPassword, true);
    const std::string token = tokens.make("bob", "script", end, {{UserRole::viewer}});
    hasher.compared = 0;
    const KnownUser bob = authentication.check("bob", token, Proof::certificate, "peer");
    ASSERT_TRUE(bob.token);
    EXPECT_EQ(bob.token->grants, (std::vector<Grant>{{UserRole::viewer}}));
    EXPECT_EQ(hasher.compared, 0);
    expectCode(ErrorCode::permissionDenied, tryIt("ann", token));
    permissions.setEnabled("bob", false);
    expectCode(ErrorCode::permissionDenied, tryIt("bob", token));
}

TEST_F(Authenticated, AsksForACodeOnceThereIsASecondFactor) {
    clock.advance(1'700'000'000);
    EXPECT_FALSE(authentication.check("ann", goodPassword, Proof::none, "peer").needsCode);
    const Bytes secret = factors.begin("ann");
    factors.confirm("ann", oneTimeCode(secret, codeStep(clock.now())));
    EXPECT_TRUE(authentication.check("ann", goodPassword, Proof::none, "peer").needsCode);
    clock.advance(30);
    authentication.checkCode("ann", oneTimeCode(secret, codeStep(clock.now())), "peer");
}

TEST_F(Authenticated, MakesGuessingOfCodesSlow) {
    const auto guess = [&] {
        return errorOf([&] { authentication.checkCode("ann", "000000", "peer"); });
    };
    expectCode(ErrorCode::permissionDenied, guess());
    expectCode(ErrorCode::limitExceeded, guess());
    clock.advance(1);
    expectCode(ErrorCode::permissionDenied, guess());
    clock.advance(1);
    expectCode(ErrorCode::limitExceeded, guess());
    // The password is not concerned.
    EXPECT_FALSE(tryIt("ann", goodPassword));
}

TEST_F(Authenticated, DoesLittleForTenThousandWrongPasswords) {
    hasher.compared = 0;
    for (int i = 0; i < 10'000; ++i) {
        tryIt("user-" + std::to_string(i % 100), "another password", Proof::none, "attacker");
    }
    // The address has ten, then waits; what it does not wait for costs nothing.
    EXPECT_LE(hasher.compared, 11);
    EXPECT_FALSE(tryIt("ann", goodPassword, Proof::none, "elsewhere"));
}

TEST_F(Authenticated, HasThePatienceThatWasSet) {
    Authentication strict(users, tokens, factors, clock,
                          {.firstDelaySeconds = 10, .longestDelaySeconds = 15, .freeOfAddress = 1});
    const auto guess = [&](const std::string& user) {
        return errorOf([&] { strict.check(user, "another password", Proof::none, "peer"); });
    };
    expectCode(ErrorCode::permissionDenied, guess("ann"));
    EXPECT_EQ(guess("ann")->retryAfter(), 10'000U);
    clock.advance(10);
    expectCode(ErrorCode::permissionDenied, guess("ann"));
    EXPECT_EQ(guess("bob")->retryAfter(), 10'000U);  // the address
    EXPECT_EQ(errorOf([&] {
                  strict.check("ann", "another password", Proof::none, "elsewhere");
              })->retryAfter(),
              15'000U);
}

struct WithDirectory : Authenticated {
    WithDirectory() {
        permissions.add("user:ann", {UserRole::administrator});
        permissions.addGroup("viewers");
        directory.groups = {{"dora", {"viewers", "unknown"}},
                            {"emil", {"unknown"}},
                            {"fred", {}},
                            {"ann", {"viewers"}}};
        authentication.askAlso(directory, permissions);
    }

    ScriptedDirectory directory;
    const std::string theirs = "of the directory";
};

TEST_F(WithDirectory, UsersOfItComeWithTheGroupsThatAreKnown) {
    const KnownUser dora = authentication.check("dora", theirs, Proof::none, "peer");
    EXPECT_EQ(dora.name, "dora");
    EXPECT_EQ(dora.groups, (std::vector<std::string>{"viewers"}));
    EXPECT_FALSE(dora.mustChange);
    EXPECT_EQ(hasher.compared, 0);
}

TEST_F(WithDirectory, NobodyComesInWithoutAGroup) {
    for (const char* name : {"emil", "fred"}) {
        const auto error = tryIt(name, theirs);
        expectCode(ErrorCode::permissionDenied, error);
        EXPECT_NE(std::string(error->what()).find("groups"), std::string::npos);
    }
}

TEST_F(WithDirectory, UsersOfThisServerAreNeverLookedForThere) {
    EXPECT_FALSE(authentication.check("ann", goodPassword, Proof::none, "peer").groups);
    expectCode(ErrorCode::permissionDenied, tryIt("ann", theirs));
    users.add("dora", goodPassword, false);
    permissions.reload();
    permissions.setEnabled("dora", false);
    expectCode(ErrorCode::permissionDenied, tryIt("dora", theirs));
    EXPECT_EQ(directory.asked, 0);
}

TEST_F(WithDirectory, NobodyComesFromThereWithALocalNameInAnotherCase) {
    users.add("Dora", goodPassword, false);
    expectCode(ErrorCode::permissionDenied, tryIt("dora", theirs));
    expectCode(ErrorCode::permissionDenied, tryIt("ANN", theirs));
    EXPECT_EQ(directory.asked, 0);
    EXPECT_FALSE(tryIt("Dora", goodPassword));
}

TEST_F(WithDirectory, GuessingIsAsSlowAsEver) {
    const auto wrong = tryIt("dora", "another password");
    const auto unknown = tryIt("nobody", "another password");
    expectCode(ErrorCode::permissionDenied, wrong);
    EXPECT_STREQ(wrong->what(), unknown->what());
    directory.asked = 0;
    expectCode(ErrorCode::limitExceeded, tryIt("dora", theirs));
    EXPECT_EQ(directory.asked, 0);
    clock.advance(1);
    EXPECT_FALSE(tryIt("dora", theirs));
}

TEST_F(WithDirectory, ThatIsAwayShutsOutItsOwnUsersAlone) {
    directory.failing = true;
    expectCode(ErrorCode::unavailable, tryIt("dora", theirs));
    EXPECT_FALSE(tryIt("ann", goodPassword));
    // And is nobody's failure.
    directory.failing = false;
    EXPECT_FALSE(tryIt("dora", theirs));
}

TEST_F(WithDirectory, ItsUsersMayHaveASecondFactor) {
    clock.advance(1'700'000'000);
    const Bytes secret = factors.begin("dora");
    factors.confirm("dora", oneTimeCode(secret, codeStep(clock.now())));
    EXPECT_TRUE(authentication.check("dora", theirs, Proof::none, "peer").needsCode);
}

TEST_F(WithDirectory, TokensAreNotAskedForThere) {
    expectCode(ErrorCode::permissionDenied, tryIt("dora", "cfa1-" + std::string(80, '0')));
    EXPECT_EQ(directory.asked, 0);
}

}  // namespace
}  // namespace coffer
