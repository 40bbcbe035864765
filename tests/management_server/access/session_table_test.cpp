#include "management_server/access/session_table.h"

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

struct Sessions : testing::Test {
    ManualClock clock;
    Bytes calledId;
    std::optional<std::string> client = "ann";
    std::vector<Grant> grants;
    std::vector<Grant> groupGrants{{UserRole::viewer}};
    SessionLimits limits{
        .idleSeconds = 100, .ageSeconds = 1'000, .sessions = 6, .sessionsOfUser = 4};
    SessionTable table{
        clock,
        {[this] { return calledId; }, [this]() -> std::optional<std::string> { return client; },
         [this](const std::string&) { return grants; },
         [this](const std::vector<std::string>& groups) {
             return groups == std::vector<std::string>{"viewers"} ? groupGrants
                                                                  : std::vector<Grant>();
         }},
        limits};
    std::vector<std::string> ended;

    Sessions() {
        table.onEnd([this](const UserSession& session) {
            ended.push_back(session.owner());
            table.count();  // is not called under the lock
        });
    }

    void call(const UserSession& session) { calledId = toBytes(session.id.view()); }
    void expectEnded(const UserSession& session) {
        call(session);
        expectError(ErrorCode::loginAgain, [&] { table.requireAny(); });
    }
};

TEST_F(Sessions, AreFoundByTheObjectThatIsCalled) {
    const UserSession one = table.begin("ann");
    const UserSession other = table.begin("ann");
    call(one);
    EXPECT_EQ(table.requireAny().id, one.id);
    EXPECT_EQ(table.requireAny().user, "ann");
    call(other);
    EXPECT_EQ(table.requireAny().id, other.id);
    EXPECT_NE(one.owner(), other.owner());
}

TEST_F(Sessions, KnowWhatIsBehindTheirKey) {
    call(table.begin("ann"));
    EXPECT_TRUE(table.objectSuffix().empty());
    calledId.push_back(7);
    EXPECT_EQ(table.objectSuffix(), Bytes{7});
    EXPECT_EQ(table.requireAny().user, "ann");
}

TEST_F(Sessions, RefuseWhatIsNoSession) {
    table.begin("ann");
    for (const std::size_t size : {0U, 15U, 16U, 40U}) {
        calledId = Bytes(size);
        expectError(ErrorCode::loginAgain, [&] { table.requireAny(); });
    }
    EXPECT_TRUE(table.objectSuffix().size() == 24);
}

TEST_F(Sessions, RefuseAnotherUsersCertificate) {
    const UserSession session = table.begin("ann");
    call(session);
    client = "bob";
    expectError(ErrorCode::permissionDenied, [&] { table.requireAny(); });
    expectError(ErrorCode::permissionDenied, [&] { table.require(session.id); });
    expectError(ErrorCode::permissionDenied, [&] { table.requireEvenLimited(); });
    client = "ann";
    EXPECT_EQ(table.requireAny().user, "ann");
}

TEST_F(Sessions, AreNotKeptAliveByStrangers) {
    call(table.begin("ann"));
    clock.advance(100);
    client = "bob";
    expectError(ErrorCode::permissionDenied, [&] { table.requireAny(); });
    clock.advance(1);
    client = "ann";
    expectError(ErrorCode::loginAgain, [&] { table.requireAny(); });
}

TEST_F(Sessions, TrustCallsWithinTheProcess) {
    call(table.begin("ann"));
    client.reset();
    EXPECT_EQ(table.requireAny().user, "ann");
}

TEST_F(Sessions, EndWhenIdle) {
    const UserSession session = table.begin("ann");
    call(session);
    for (int i = 0; i < 5; ++i) {
        clock.advance(100);
        table.requireAny();
    }
    clock.advance(101);
    expectEnded(session);
    EXPECT_EQ(ended, std::vector<std::string>{session.owner()});
    EXPECT_EQ(table.count(), 0U);
}

TEST_F(Sessions, EndWhenOldHoweverBusy) {
    const UserSession session = table.begin("ann");
    call(session);
    for (int i = 0; i < 10; ++i) {
        clock.advance(100);
        table.requireAny();
    }
    clock.advance(1);
    expectEnded(session);
}

TEST_F(Sessions, EndByTheHousekeeping) {
    table.begin("ann");
    clock.advance(60);
    const UserSession younger = table.begin("ann");
    clock.advance(60);
    EXPECT_EQ(table.expire(), 1U);
    EXPECT_EQ(table.expire(), 0U);
    call(younger);
    EXPECT_EQ(table.requireAny().id, younger.id);
}

TEST_F(Sessions, SurviveAClockThatIsSetBack) {
    call(table.begin("ann"));
    clock.advance(-100'000);
    EXPECT_EQ(table.requireAny().user, "ann");
    EXPECT_EQ(table.expire(), 0U);
}

TEST_F(Sessions, EndByLogout) {
    const UserSession session = table.begin("ann");
    const UserSession other = table.begin("ann");
    table.end(session.id);
    table.end(session.id);
    table.end(randomId<SessionKey>());
    expectEnded(session);
    call(other);
    EXPECT_EQ(table.requireAny().id, other.id);
    EXPECT_EQ(ended, std::vector<std::string>{session.owner()});
}

TEST_F(Sessions, EndAllOfAUser) {
    table.begin("ann");
    table.begin("ann");
    const UserSession bobs = table.begin("bob");
    table.endUser("ann");
    EXPECT_EQ(ended.size(), 2U);
    call(bobs);
    client = "bob";
    EXPECT_EQ(table.requireAny().user, "bob");
}

TEST_F(Sessions, AreLimitedInNumber) {
    for (int i = 0; i < 4; ++i) table.begin("ann");
    const auto error = errorOf([&] { table.begin("ann"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::limitExceeded);
    EXPECT_GT(error->retryAfter(), 0U);
    table.begin("bob");
    table.begin("bob");
    expectError(ErrorCode::limitExceeded, [&] { table.begin("cid"); });
    // Room is made by what is over.
    clock.advance(101);
    table.begin("cid");
    EXPECT_EQ(table.count(), 1U);
}

TEST_F(Sessions, ThatAreLimitedCanOnlyChangeThePassword) {
    const UserSession session = table.begin("ann", {.mustChange = true});
    const UserSession other = table.begin("ann", {.mustChange = true});
    call(session);
    expectError(
        ErrorCode::conflict, [&] { table.requireAny(); }, "change the password first");
    EXPECT_EQ(table.requireEvenLimited().id, session.id);
    table.passwordChanged(session);
    EXPECT_EQ(table.requireAny().id, session.id);
    EXPECT_EQ(ended, std::vector<std::string>{other.owner()});
}

TEST_F(Sessions, AskForRights) {
    call(table.begin("ann"));
    expectError(
        ErrorCode::permissionDenied, [&] { table.require(Right::look); }, "'look'");
    grants = {{UserRole::operating, {}, {"laptop"}}};
    expectError(
        ErrorCode::permissionDenied, [&] { table.require(Right::run, Scope::of("desk")); },
        "agent desk");
    table.require(Right::run, Scope::of("laptop"));
    // What changes meanwhile counts at once.
    grants.clear();
    expectError(ErrorCode::permissionDenied,
                [&] { table.require(Right::run, Scope::of("laptop")); });
    table.requireAny();
}

TEST_F(Sessions, OfATokenHaveNeverMoreRightsThanTheirUser) {
    grants = allRoles();
    const UserSession session =
        table.begin("ann", {.token = "7", .grants = std::vector<Grant>{{UserRole::viewer}}});
    call(session);
    table.require(Right::look);
    expectError(ErrorCode::permissionDenied, [&] { table.require(Right::run); });
    expectError(
        ErrorCode::permissionDenied, [&] { table.requirePerson(); }, "token");
    expectError(
        ErrorCode::permissionDenied, [&] { table.requireForPassword(); }, "token");
    grants = {{UserRole::auditor}};
    expectError(ErrorCode::permissionDenied, [&] { table.require(Right::look); });
    table.endToken("8");
    table.requireAny();
    table.endToken("7");
    expectEnded(session);
}

TEST_F(Sessions, OfADirectorysUserHaveTheRightsOfTheGroupsAlone) {
    grants = allRoles();
    const UserSession session = table.begin("ann", {.groups = std::vector<std::string>{"viewers"}});
    call(session);
    table.require(Right::look);
    expectError(ErrorCode::permissionDenied, [&] { table.require(Right::run); });
    EXPECT_EQ(table.directoryGroups(session), std::vector<std::string>{"viewers"});
    expectError(
        ErrorCode::conflict, [&] { table.refuseDirectoryUser(session); }, "directory");
    // What is taken from the group is gone at once.
    groupGrants.clear();
    expectError(ErrorCode::permissionDenied, [&] { table.require(Right::look); });
    table.refuseDirectoryUser(table.begin("ann"));
}

TEST_F(Sessions, EndWithTheirToken) {
    const Timestamp end = clock.now() + 10'000'000'000;
    const UserSession session =
        table.begin("ann", {.token = "7", .grants = allRoles(), .ends = end});
    call(session);
    clock.advance(9);
    table.requireAny();
    clock.advance(1);
    expectEnded(session);
}

TEST_F(Sessions, ThatNeedACodeAreGoodForNothingElse) {
    grants = allRoles();
    const UserSession session = table.begin("ann", {.mustChange = true, .needsCode = true});
    call(session);
    const auto refused = [&](auto&& work) { expectError(ErrorCode::conflict, work, "code"); };
    refused([&] { table.require(Right::look); });
    refused([&] { table.requireAny(); });
    refused([&] { table.requirePerson(); });
    refused([&] { table.requireForPassword(); });
    EXPECT_TRUE(table.needsCode(table.requireEvenLimited()));
    table.codeGiven(session);
    EXPECT_FALSE(table.needsCode(session));
    table.requireForPassword();
    expectError(
        ErrorCode::conflict, [&] { table.requireAny(); }, "password");
}

TEST_F(Sessions, EndByTheAgesThatAreSetMeanwhile) {
    const UserSession session = table.begin("ann");
    call(session);
    table.setAges(200, 1'000);
    clock.advance(150);
    table.requireAny();
    table.setAges(50, 1'000);
    clock.advance(51);
    expectEnded(session);
}

}  // namespace
}  // namespace coffer
