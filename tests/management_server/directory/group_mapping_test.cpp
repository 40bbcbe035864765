#include "management_server/directory/group_mapping.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

using Names = std::vector<std::string>;
using namespace std::string_literals;

constexpr const char* base = "ou=groups,dc=example";

TEST(DistinguishedNames, AreTakenApart) {
    const auto name = DistinguishedName::parse("cn=Staff\\, all,ou=groups,dc=example");
    ASSERT_TRUE(name);
    EXPECT_EQ(name->leaf(), "Staff, all");
    EXPECT_TRUE(name->isBelow(*DistinguishedName::parse("OU=Groups, DC=example")));
    EXPECT_TRUE(name->isBelow(*DistinguishedName::parse("dc=example")));
    EXPECT_FALSE(name->isBelow(*DistinguishedName::parse("ou=people,dc=example")));
    EXPECT_FALSE(name->isBelow(*name));
    EXPECT_FALSE(DistinguishedName::parse("dc=example")->isBelow(*name));
}

TEST(DistinguishedNames, ThatAreNoneAreRefused) {
    for (const std::string& text : {""s, "staff"s, "cn=a,"s, "=a"s, "cn=a,b"s, "cn=a\0,dc=x"s,
                                    "cn=\\"s, "cn=" + std::string(2'000, 'a')}) {
        EXPECT_FALSE(DistinguishedName::parse(text)) << text;
    }
}

TEST(DistinguishedNames, AreNotMistakenForWhatTheyQuote) {
    // One part whose value looks like the rest of a name.
    const auto name = DistinguishedName::parse("cn=x\\,ou\\=groups\\,dc\\=example");
    ASSERT_TRUE(name);
    EXPECT_FALSE(name->isBelow(*DistinguishedName::parse(base)));
    const auto other = DistinguishedName::parse("cn=x,ou=a\\2cou=groups,dc=example");
    ASSERT_TRUE(other);
    EXPECT_FALSE(other->isBelow(*DistinguishedName::parse(base)));
}

TEST(GroupMappings, TakeThePrefixAway) {
    const GroupMapping groups(base, "coffer-", {});
    EXPECT_EQ(
        groups.of({"cn=coffer-operators,ou=groups,dc=example", "cn=staff,ou=groups,dc=example",
                   "CN=Coffer-auditors,OU=x,OU=Groups,DC=Example"}),
        (Names{"auditors", "operators"}));
    EXPECT_EQ(groups.of({}), Names());
}

TEST(GroupMappings, LookIntoTheTable) {
    const GroupMapping groups("", "", {"Backup Admins:admins", " staff : viewers", "staff:second"});
    EXPECT_EQ(groups.of({"CN=backup admins,DC=x", "staff"}),
              (Names{"admins", "second", "viewers"}));
    EXPECT_EQ(groups.of({"admins", "viewers"}), Names());
}

TEST(GroupMappings, CountOnlyWhatLiesBelowTheBase) {
    const GroupMapping groups(base, "coffer-", {"staff:viewers"});
    EXPECT_EQ(groups.of({"cn=staff,ou=people,dc=example", "cn=coffer-admins,dc=example", "staff",
                         "coffer-admins", "cn=staff,ou=groups,dc=example,dc=evil",
                         "cn=staff\\,ou\\=groups\\,dc\\=example"}),
              Names());
}

TEST(GroupMappings, ThatMakeNoSenseAreRefused) {
    for (const char* line : {"staff", "staff:", ":viewers", "staff:no group", "staff:a,b"}) {
        expectError(ErrorCode::invalidArgument, [&] { GroupMapping("", "", {line}); });
    }
    expectError(ErrorCode::invalidArgument, [&] { GroupMapping("groups", "coffer-", {}); });
    EXPECT_TRUE(GroupMapping(base, "", {}).empty());
}

}  // namespace
}  // namespace coffer
