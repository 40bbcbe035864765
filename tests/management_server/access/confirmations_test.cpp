#include "management_server/access/confirmations.h"

#include "tests/management_server/access/access_fixture.h"

namespace coffer {
namespace {

struct Confirmed : UsersFixture {
    Confirmations confirmations{database, clock, permissions, {SecondPerson::always, 3'600}};
    std::vector<std::string> done;
    std::optional<Error> failure;

    Confirmed() {
        permissions.add("user:ann", {UserRole::administrator});
        confirmations.carryOut("forget", [this](const Request& request) {
            if (failure) throw *failure;
            done.push_back(request.user + " " + request.parameters.at("snapshot"));
        });
    }
    std::int64_t ask(const std::string& user = "ann", const std::string& snapshot = "1") {
        expectError(
            ErrorCode::conflict,
            [&] {
                confirmations.require(user, "forget", "snapshot", {{"snapshot", snapshot}});
            },
            "second person");
        return confirmations.list().at(0).number;
    }
    std::string stateOf(std::int64_t number) { return confirmations.get(number).state; }
};

TEST_F(Confirmed, AreCarriedOutByASecondPerson) {
    const std::int64_t number = ask();
    EXPECT_EQ(stateOf(number), "waiting");
    EXPECT_TRUE(done.empty());
    confirmations.confirm("bob", number);
    EXPECT_EQ(done, std::vector<std::string>{"ann 1"});
    const Request request = confirmations.get(number);
    EXPECT_EQ(request.state, "done");
    EXPECT_EQ(request.decider, "bob");
    EXPECT_EQ(request.decided, clock.now());
}

TEST_F(Confirmed, AreNotConfirmedByWhoAsks) {
    const std::int64_t number = ask();
    expectError(ErrorCode::permissionDenied, [&] { confirmations.confirm("ann", number); });
    EXPECT_TRUE(done.empty());
    EXPECT_EQ(stateOf(number), "waiting");
}

TEST_F(Confirmed, AreCarriedOutOnce) {
    const std::int64_t number = ask();
    confirmations.confirm("bob", number);
    expectError(
        ErrorCode::conflict, [&] { confirmations.confirm("cid", number); }, "is done");
    EXPECT_EQ(done.size(), 1U);
    EXPECT_NE(ask(), number);  // the same again is another request
}

TEST_F(Confirmed, AreEnteredOnceWhileTheyWait) {
    const std::int64_t number = ask();
    EXPECT_EQ(ask(), number);
    EXPECT_NE(ask("ann", "2"), number);
    EXPECT_NE(ask("bob", "1"), number);
    EXPECT_EQ(confirmations.list().size(), 3U);
}

TEST_F(Confirmed, AreRefusedByAnybody) {
    const std::int64_t number = ask();
    confirmations.refuse("ann", number);
    EXPECT_EQ(stateOf(number), "refused");
    expectError(ErrorCode::conflict, [&] { confirmations.confirm("bob", number); });
    expectError(ErrorCode::conflict, [&] { confirmations.refuse("bob", number); });
    EXPECT_TRUE(done.empty());
}

TEST_F(Confirmed, Expire) {
    const std::int64_t number = ask();
    clock.advance(3'599);
    EXPECT_EQ(stateOf(number), "waiting");
    clock.advance(1);
    EXPECT_EQ(stateOf(number), "expired");
    expectError(ErrorCode::conflict, [&] { confirmations.confirm("bob", number); });
    EXPECT_NE(ask(), number);
}

TEST_F(Confirmed, SayWhyTheyFailed) {
    failure = Error(ErrorCode::conflict, "the snapshot is locked");
    const std::int64_t number = ask();
    expectError(ErrorCode::conflict, [&] { confirmations.confirm("bob", number); });
    EXPECT_EQ(stateOf(number), "failed");
    EXPECT_EQ(confirmations.get(number).message, "the snapshot is locked");
    expectError(ErrorCode::notFound, [&] { confirmations.confirm("bob", 99); });
    expectError(ErrorCode::notFound, [&] { confirmations.refuse("bob", 99); });
}

TEST_F(Confirmed, AreNotDoneWhenSomethingElseWentWrong) {
    confirmations.carryOut("odd", [](const Request& request) { request.parameters.at("none"); });
    expectError(ErrorCode::conflict, [&] { confirmations.require("ann", "odd", "x", {}); });
    const std::int64_t number = confirmations.list().at(0).number;
    EXPECT_THROW(confirmations.confirm("bob", number), std::out_of_range);
    EXPECT_EQ(stateOf(number), "failed");
}

TEST_F(Confirmed, AreBounded) {
    for (int i = 0; i < 1'000; ++i) {
        EXPECT_THROW(confirmations.require("ann", "forget", "", {{"snapshot", std::to_string(i)}}),
                     Error);
    }
    expectError(ErrorCode::limitExceeded, [&] {
        confirmations.require("ann", "forget", "", {{"snapshot", "more"}});
    });
}

TEST_F(Confirmed, AreNeededAsSoonAsTwoMayDelete) {
    const Confirmations automatic(database, clock, permissions, {SecondPerson::automatic});
    EXPECT_FALSE(automatic.isNeeded());
    permissions.add("user:ann", {UserRole::deleter});
    EXPECT_FALSE(automatic.isNeeded());
    users.add("bob", goodPassword, false);
    permissions.add("user:bob", {UserRole::deleter});
    EXPECT_TRUE(automatic.isNeeded());
    permissions.setEnabled("bob", false);
    EXPECT_FALSE(automatic.isNeeded());
    Confirmations never(database, clock, permissions, {SecondPerson::never});
    never.require("ann", "forget", "", {});
    EXPECT_TRUE(never.list().empty());
}

TEST_F(Confirmed, HaveFailedWhenTheirAgentIsCalledOtherwise) {
    confirmations.carryOut("revoke", [](const Request&) { FAIL(); });
    for (const char* agent : {"laptop", "desk"}) {
        expectError(ErrorCode::conflict, [&] {
            confirmations.require("ann", "revoke", "agent", {{"agent", agent}});
        });
    }
    database.change(
        [&](SqlDatabase& db) { Confirmations::agentRenamed(db, "laptop", "north", clock.now()); });
    const auto requests = confirmations.list();
    EXPECT_EQ(requests.at(0).state, "waiting");
    EXPECT_EQ(requests.at(1).state, "failed");
    expectError(ErrorCode::conflict, [&] { confirmations.confirm("bob", requests.at(1).number); });
}

TEST_F(Confirmed, HaveFailedWhenWhoAskedIsGone) {
    for (const char* user : {"bob", "cid"}) users.add(user, goodPassword, false);
    const std::int64_t removed = ask("bob");
    const std::int64_t disabled = ask("cid");
    const std::int64_t stays = ask();
    permissions.removeUser("bob");
    permissions.setEnabled("cid", false);
    for (const std::int64_t number : {removed, disabled}) {
        EXPECT_EQ(stateOf(number), "failed");
        expectError(ErrorCode::conflict, [&] { confirmations.confirm("dan", number); });
    }
    EXPECT_EQ(stateOf(stays), "waiting");
    EXPECT_TRUE(done.empty());
}

TEST_F(Confirmed, HaveFailedWhenWhoAskedMayDoLess) {
    for (const char* user : {"bob", "cid", "dan", "eve"}) users.add(user, goodPassword, false);
    for (const char* group : {"night", "day"}) {
        permissions.addGroup(group);
        permissions.add(std::string("group:") + group, {UserRole::deleter});
    }
    const std::int64_t role = permissions.add("user:bob", {UserRole::deleter});
    permissions.addMember("night", "cid");
    permissions.addMember("day", "dan");
    permissions.addMember("day", "eve");
    const std::int64_t ofGroup = permissions.add("group:day", {UserRole::viewer});
    const std::int64_t bobs = ask("bob");
    const std::int64_t cids = ask("cid");
    const std::int64_t dans = ask("dan");
    const std::int64_t stays = ask("ann");
    permissions.remove(role);
    permissions.removeMember("night", "cid");
    EXPECT_EQ(stateOf(dans), "waiting");
    permissions.remove(ofGroup);
    const std::int64_t eves = ask("eve");
    permissions.removeGroup("day");
    for (const std::int64_t number : {bobs, cids, dans, eves}) {
        EXPECT_EQ(stateOf(number), "failed") << number;
        EXPECT_NE(confirmations.get(number).message.find("fewer rights"), std::string::npos);
        expectError(ErrorCode::conflict, [&] { confirmations.confirm("ann", number); });
    }
    EXPECT_EQ(stateOf(stays), "waiting");
    EXPECT_TRUE(done.empty());
}

TEST_F(Confirmed, HaveFailedWhenTheirRepositoryIsRemoved) {
    confirmations.carryOut("forget", [](const Request&) { FAIL(); });
    for (const char* repository : {"main", "other"}) {
        expectError(ErrorCode::conflict, [&] {
            confirmations.require("ann", "forget", "", {{"repository", repository}});
        });
    }
    database.change(
        [&](SqlDatabase& db) { Confirmations::repositoryChanged(db, "main", clock.now()); });
    const auto requests = confirmations.list();
    EXPECT_EQ(requests.at(0).state, "waiting");
    EXPECT_EQ(requests.at(1).state, "failed");
    EXPECT_NE(requests.at(1).message.find("ask again"), std::string::npos);
    expectError(ErrorCode::conflict, [&] { confirmations.confirm("bob", requests.at(1).number); });
}

}  // namespace
}  // namespace coffer
