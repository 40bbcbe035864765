#include "management_server/access/permissions.h"

#include "tests/management_server/access/access_fixture.h"

namespace coffer {
namespace {

struct PermissionsTest : UsersFixture {
    PermissionsTest() {
        users.add("bob", goodPassword, false);
        permissions.reload();
        first = permissions.add("user:ann", {UserRole::administrator});
    }
    bool may(const std::string& user, Right right, const Scope& scope = {}) {
        return allowed(permissions.of(user), right, scope);
    }
    template <class Work>
    void expectLastStays(Work&& work) {
        expectError(ErrorCode::conflict, work, "nobody would be left");
        EXPECT_TRUE(may("ann", Right::manageAccess));
    }

    std::int64_t first = 0;
};

TEST_F(PermissionsTest, ComeFromGrantsAndGroups) {
    EXPECT_FALSE(may("bob", Right::look));
    EXPECT_FALSE(may("nobody", Right::look));
    permissions.addGroup("desk");
    permissions.add("group:desk", {UserRole::operating, "", {"laptop"}});
    EXPECT_FALSE(may("bob", Right::run, Scope::of("laptop")));
    permissions.addMember("desk", "bob");
    permissions.addMember("desk", "bob");
    EXPECT_TRUE(may("bob", Right::run, Scope::of("laptop")));
    EXPECT_FALSE(may("bob", Right::run));
    const std::int64_t own = permissions.add("user:bob", {UserRole::viewer});
    EXPECT_TRUE(may("bob", Right::look));
    EXPECT_EQ(permissions.grantsOf("bob").size(), 2U);
    permissions.remove(own);
    EXPECT_FALSE(may("bob", Right::look));
    permissions.removeMember("desk", "bob");
    EXPECT_FALSE(may("bob", Right::run, Scope::of("laptop")));
}

TEST_F(PermissionsTest, StayWithTheDatabase) {
    permissions.addGroup("desk");
    permissions.addMember("desk", "bob");
    permissions.add("group:desk", {UserRole::auditor, "north/mail"});
    const Permissions again(database);
    EXPECT_EQ(again.of("bob"), (std::vector<Grant>{{UserRole::auditor, "north/mail"}}));
    EXPECT_EQ(again.groups().at("desk"), std::vector<std::string>{"bob"});
}

TEST_F(PermissionsTest, EndWithTheUser) {
    permissions.add("user:bob", {UserRole::viewer});
    permissions.setEnabled("bob", false);
    EXPECT_FALSE(may("bob", Right::look));
    permissions.setEnabled("bob", true);
    EXPECT_TRUE(may("bob", Right::look));
    permissions.addGroup("desk");
    permissions.addMember("desk", "bob");
    permissions.removeUser("bob");
    EXPECT_FALSE(may("bob", Right::look));
    EXPECT_FALSE(users.find("bob"));
    EXPECT_EQ(permissions.grants().size(), 1U);
    EXPECT_TRUE(permissions.groups().at("desk").empty());
    // Another one of that name begins with nothing.
    users.add("bob", goodPassword, false);
    permissions.reload();
    EXPECT_FALSE(may("bob", Right::look));
}

TEST_F(PermissionsTest, NeverLeaveNobodyInCharge) {
    expectLastStays([&] { permissions.remove(first); });
    expectLastStays([&] { permissions.removeUser("ann"); });
    expectLastStays([&] { permissions.setEnabled("ann", false); });
    // One who is bound is in charge of a part alone.
    permissions.add("user:bob", {UserRole::administrator, "north"});
    expectLastStays([&] { permissions.removeUser("ann"); });
    // By a group it counts as well.
    permissions.addGroup("chiefs");
    permissions.add("group:chiefs", {UserRole::administrator});
    expectLastStays([&] { permissions.removeUser("ann"); });
    permissions.addMember("chiefs", "bob");
    permissions.remove(first);
    expectError(ErrorCode::conflict, [&] { permissions.removeGroup("chiefs"); });
    expectError(ErrorCode::conflict, [&] { permissions.removeMember("chiefs", "bob"); });
    permissions.removeUser("ann");
    EXPECT_TRUE(may("bob", Right::manageAccess));
}

TEST_F(PermissionsTest, KnowWhoMayEverywhere) {
    permissions.add("user:bob", {UserRole::deleter, "", {"laptop"}});
    EXPECT_TRUE(permissions.usersWith(Right::forget).empty());
    permissions.add("user:bob", {UserRole::deleter});
    EXPECT_EQ(permissions.usersWith(Right::forget), std::vector<std::string>{"bob"});
}

TEST_F(PermissionsTest, RefuseWhatIsNotThere) {
    const auto missing = [&](auto&& work) { expectError(ErrorCode::notFound, work); };
    missing([&] { permissions.add("user:nobody", {}); });
    missing([&] { permissions.add("group:none", {}); });
    missing([&] { permissions.removeUser("nobody"); });
    missing([&] { permissions.setEnabled("nobody", true); });
    missing([&] { permissions.removeGroup("none"); });
    missing([&] { permissions.addMember("none", "bob"); });
    missing([&] { permissions.remove(99); });
    permissions.addGroup("desk");
    missing([&] { permissions.addMember("desk", "nobody"); });
    expectError(ErrorCode::alreadyExists, [&] { permissions.addGroup("desk"); });
    expectError(ErrorCode::invalidArgument, [&] { permissions.addGroup("a b"); });
    expectError(ErrorCode::invalidArgument, [&] { permissions.add("bob", {}); });
    expectError(ErrorCode::invalidArgument, [&] {
        permissions.add("user:bob", {UserRole::viewer, "/"});
    });
    expectError(ErrorCode::invalidArgument, [&] {
        permissions.add("user:bob", {UserRole::viewer, "", {"a b"}});
    });
}

TEST(StoredGrants, ComeBack) {
    const std::vector<Grant> grants = {{UserRole::viewer},
                                       {UserRole::deleter, "a/b", {"laptop", "desk"}}};
    EXPECT_EQ(decodeGrants(encodeGrants(grants)), grants);
    Bytes cut = encodeGrants(grants);
    cut.pop_back();
    expectError(ErrorCode::corrupt, [&] { decodeGrants(cut); });
}

TEST(FirstUser, MayEverything) {
    ScratchFolder folder;
    ManualClock clock;
    ServerDatabase database(folder / "server.db");
    CountingHasher hasher;
    UserTable users(database, clock, hasher);
    users.addFirst("admin", goodPassword);
    EXPECT_EQ(Permissions(database).of("admin"), allRoles());
    EXPECT_TRUE(users.find("admin")->mustChange);
}

TEST_F(PermissionsTest, OfGroupsAreKnownWithoutMembers) {
    permissions.addGroup("viewers");
    permissions.addGroup("idle");
    const std::int64_t number = permissions.add("group:viewers", {UserRole::viewer});
    EXPECT_EQ(permissions.ofGroups({"viewers", "idle", "unknown"}),
              (std::vector<Grant>{{UserRole::viewer}}));
    EXPECT_EQ(permissions.known({"viewers", "unknown", "idle"}),
              (std::vector<std::string>{"viewers", "idle"}));
    ASSERT_EQ(permissions.grantsOfGroups({"viewers", "idle"}).size(), 1U);
    EXPECT_EQ(permissions.grantsOfGroups({"viewers"}).front().number, number);
    permissions.removeGroup("viewers");
    EXPECT_TRUE(permissions.ofGroups({"viewers"}).empty());
    EXPECT_TRUE(permissions.known({"viewers"}).empty());
}

}  // namespace
}  // namespace coffer
