#include "management_server/access/policy.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

// Every right and the roles that have it: v(iewer), o(perator), a(dministrator), d(eleter), u:
// auditor.
const std::vector<std::pair<Right, std::string>> table = {
    {Right::look, "voad"},      {Right::readFiles, "oa"},
    {Right::run, "oa"},         {Right::restore, "oa"},
    {Right::mark, "oad"},       {Right::changeFiles, "a"},
    {Right::manageTasks, "a"},  {Right::manageAgents, "a"},
    {Right::removeAgents, "a"}, {Right::manageRepositories, "a"},
    {Right::manageAccess, "a"}, {Right::manageSettings, "a"},
    {Right::forget, "d"},       {Right::prune, "d"},
    {Right::readAudit, "u"}};

const std::string letters = "voadu";  // in the order of UserRole

TEST(Policy, GivesEachRoleItsRights) {
    ASSERT_EQ(table.size(), rightCount);
    for (const auto& [right, roles] : table) {
        for (std::size_t i = 0; i < roleCount; ++i) {
            const auto role = static_cast<UserRole>(i);
            const bool due = roles.find(letters[i]) != roles.npos;
            const Grant grant{role};
            EXPECT_EQ(has(role, right), due) << nameOf(role) << ' ' << nameOf(right);
            EXPECT_EQ(allowed({&grant, 1}, right, {}), due) << nameOf(role) << ' ' << nameOf(right);
        }
    }
}

TEST(Policy, NobodyMayAnythingWithoutAGrant) {
    for (std::size_t i = 0; i < rightCount; ++i) {
        EXPECT_FALSE(allowed({}, static_cast<Right>(i), {}));
        EXPECT_FALSE(allowed({}, static_cast<Right>(i), Scope::some()));
        EXPECT_TRUE(allowed(allRoles(), static_cast<Right>(i), {}));
    }
}

TEST(Policy, KnowsRolesByName) {
    for (std::size_t i = 0; i < roleCount; ++i) {
        const auto role = static_cast<UserRole>(i);
        EXPECT_EQ(userRoleOf(nameOf(role)), role);
    }
    expectError(
        ErrorCode::invalidArgument, [] { userRoleOf("root"); }, "root");
}

struct Bound : testing::Test {
    static bool may(const Grant& grant, const Scope& scope) {
        return allowed({&grant, 1}, Right::look, scope);
    }
};

TEST_F(Bound, ToAComponentCoversItAndAllBelow) {
    const Grant grant{UserRole::viewer, "north/mail"};
    for (const char* path : {"north/mail", "north/mail/db", "north/mail/db/1"}) {
        EXPECT_TRUE(may(grant, {path})) << path;
    }
    for (const char* path : {"", "north", "north/mailbox", "south/mail", "mail", "north/mai"}) {
        EXPECT_FALSE(may(grant, {path})) << path;
    }
    EXPECT_FALSE(may(grant, Scope::of("laptop")));
    EXPECT_TRUE(may(grant, Scope::some()));
}

TEST_F(Bound, ToAgentsCoversThoseAndNothingElse) {
    const Grant grant{UserRole::viewer, "", {"laptop", "desk"}};
    EXPECT_TRUE(may(grant, Scope::of("laptop")));
    EXPECT_TRUE(may(grant, Scope::of("desk")));
    EXPECT_TRUE(may(grant, {"north", "desk"}));
    EXPECT_FALSE(may(grant, Scope::of("desk2")));
    EXPECT_FALSE(may(grant, Scope::of("")));
    EXPECT_FALSE(may(grant, {}));  // the server
    EXPECT_TRUE(may(grant, Scope::some()));
}

TEST_F(Bound, ToBothNeedsBoth) {
    const Grant grant{UserRole::viewer, "north", {"laptop"}};
    EXPECT_TRUE(may(grant, {"north/a", "laptop"}));
    EXPECT_FALSE(may(grant, {"north/a", "desk"}));
    EXPECT_FALSE(may(grant, {"south", "laptop"}));
}

TEST_F(Bound, GrantsDoNotMix) {
    // A viewer of everything and operator of one agent runs nothing on others.
    const std::vector<Grant> grants = {{UserRole::viewer}, {UserRole::operating, "", {"laptop"}}};
    EXPECT_TRUE(allowed(grants, Right::run, Scope::of("laptop")));
    EXPECT_TRUE(allowed(grants, Right::look, Scope::of("desk")));
    EXPECT_FALSE(allowed(grants, Right::run, Scope::of("desk")));
}

TEST(ComponentPath, IsChecked) {
    for (const char* path : {"", "a", "a/b", "north/mail server/1"}) checkComponent(path);
    for (const char* path : {"/", "/a", "a/", "a//b", ".", "a/..", "a\n", "North", "a/\x1b[31m"}) {
        expectError(ErrorCode::invalidArgument, [&] { checkComponent(path); });
    }
    checkComponent("1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16");
    expectError(ErrorCode::invalidArgument,
                [] { checkComponent("1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"); });
    checkComponent(std::string(64, 'x'));
    expectError(ErrorCode::invalidArgument, [] { checkComponent(std::string(65, 'x')); });
}

}  // namespace
}  // namespace coffer
