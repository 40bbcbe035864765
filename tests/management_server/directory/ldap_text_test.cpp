#include "management_server/directory/ldap_text.h"

#include <gtest/gtest.h>

namespace coffer {
namespace {

using namespace std::string_literals;

TEST(LdapText, LeavesWhatNamesAreMadeOf) {
    EXPECT_EQ(ldapEscaped("Ann.Smith-2_x"), "Ann.Smith-2_x");
    EXPECT_EQ(ldapEscaped(""), "");
}

TEST(LdapText, EscapesAllThatMeansSomethingInAFilter) {
    EXPECT_EQ(ldapEscaped("*"), "\\2a");
    EXPECT_EQ(ldapEscaped("x)(uid=*"), "x\\29\\28uid\\3d\\2a");
    EXPECT_EQ(ldapEscaped("\\2a"), "\\5c2a");
    EXPECT_EQ(ldapEscaped("a\0b"s), "a\\00b");
}

TEST(LdapText, EscapesAllThatMeansSomethingInAName) {
    EXPECT_EQ(ldapEscaped("x,ou=admins"), "x\\2cou\\3dadmins");
    EXPECT_EQ(ldapEscaped("#a+b\"<>;/ "), "\\23a\\2bb\\22\\3c\\3e\\3b\\2f\\20");
    EXPECT_EQ(ldapEscaped("\xC3\xA4\x7f\n"), "\\c3\\a4\\7f\\0a");
}

TEST(LdapText, FillsPatterns) {
    EXPECT_EQ(ldapFilled("(uid=%u)", "ann"), "(uid=ann)");
    EXPECT_EQ(ldapFilled("(|(uid=%u)(mail=%u@x))", "a*"), "(|(uid=a\\2a)(mail=a\\2a@x))");
    // What is filled in is not looked at again.
    EXPECT_EQ(ldapFilled("%u", "%u"), "\\25u");
    EXPECT_EQ(ldapFilled("%%u%", "x"), "%x%");
}

}  // namespace
}  // namespace coffer
