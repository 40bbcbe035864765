#include "management_server/directory/ldap_settings.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

class LdapSettingsTest : public testing::Test {
  protected:
    std::optional<LdapSettings> read(const std::string& text) {
        std::ofstream(folder / "ini") << "[ldap]\n" << text;
        return LdapSettings::read(SettingsFile(folder / "ini", LdapSettings::rules()));
    }

    ScratchFolder folder;
    const std::string url = "url = ldaps://dir.example\n";
    const std::string search = "search-base = dc=example\n";
    const std::string groups = "group-prefix = coffer-\n";
};

TEST_F(LdapSettingsTest, NoDirectoryIsAskedUnlessSomebodySaysSo) {
    EXPECT_FALSE(read(""));
    EXPECT_FALSE(read(search + groups));
}

TEST_F(LdapSettingsTest, OfASearchAreRead) {
    const auto settings =
        read(url + search + groups +
             "bind-dn = cn=coffer,dc=example\npassword-file = /p\ntimeout-seconds = 3\n"
             "search-filter = (&(objectClass=person)(uid=%u))\nca-file = /ca\n");
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->place.url, "ldaps://dir.example:636");
    EXPECT_FALSE(settings->place.startTls);
    EXPECT_EQ(settings->place.authorityFile, "/ca");
    EXPECT_EQ(settings->place.patience, std::chrono::seconds(3));
    EXPECT_EQ(settings->searcher, "cn=coffer,dc=example");
    EXPECT_EQ(settings->passwordFile, "/p");
    EXPECT_EQ(settings->base, "dc=example");
    EXPECT_EQ(settings->filter, "(&(objectClass=person)(uid=%u))");
    EXPECT_EQ(settings->attribute, "memberOf");
    EXPECT_EQ(settings->userName, "");
}

TEST_F(LdapSettingsTest, OfATemplateAreRead) {
    const auto settings = read(
        "url = ldap://[::1]:1389/\nuser-dn = uid=%u,ou=people,dc=example\n"
        "groups = staff:viewers, ops:operators\n");
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->place.url, "ldap://[::1]:1389");
    EXPECT_TRUE(settings->place.startTls);
    EXPECT_EQ(settings->userName, "uid=%u,ou=people,dc=example");
    EXPECT_EQ(settings->groups.of({"ops"}), (std::vector<std::string>{"operators"}));
}

TEST_F(LdapSettingsTest, ThatMakeNoSenseAreRefusedByName) {
    for (const auto& [text, name] : std::vector<std::pair<std::string, std::string>>{
             {"url = http://x\n" + search + groups, "ldap.url"},
             {"url = ldapi:///\n" + search + groups, "ldap.url"},
             {"url = ldap://\n" + search + groups, "ldap.url"},
             {"url = ldaps://a ldap://b\n" + search + groups, "ldap.url"},
             {"url = ldaps://a/dc=x??sub\n" + search + groups, "ldap.url"},
             {"url = ldaps://a:99999\n" + search + groups, "ldap.url"},
             {url + groups, "ldap.search-base"},
             {url + groups + "search-base = example\n", "ldap.search-base"},
             {url + search + groups + "search-filter = uid=%u\n", "ldap.search-filter"},
             {url + search + groups + "search-filter = (uid=ann)\n", "ldap.search-filter"},
             {url + search + groups + "bind-dn = cn=c,dc=x\n", "ldap.password-file"},
             {url + search + groups + "password-file = /p\n", "ldap.password-file"},
             {url + search + groups + "bind-dn = coffer\npassword-file = /p\n", "ldap.bind-dn"},
             {url + groups + "user-dn = uid=ann,dc=x\n", "ldap.user-dn"},
             {url + groups + "user-dn = %u\n", "ldap.user-dn"},
             {url + search, "ldap.groups"},
             {url + search + "groups = staff\n", "ldap.groups"},
             {url + search + groups + "groups-base = x\n", "ldap.groups"},
             {url + search + groups + "groups-attribute =\n", "ldap.groups-attribute"},
             {url + search + groups + "timeout-seconds = 0\n", "ldap.timeout-seconds"},
         }) {
        expectError(
            ErrorCode::invalidArgument, [&] { read(text); }, name);
    }
}

}  // namespace
}  // namespace coffer
