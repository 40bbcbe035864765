#include "management_server/directory/ldap_directory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

// With a real directory it is tested by tests/system/directory_test.py.
struct LdapDirectoryTest : testing::Test {
    LdapDirectoryTest() {
        std::ofstream(folder / "ca.pem") << "no certificate\n";
        std::ofstream(folder / "password") << "secret\n";
        std::filesystem::permissions(folder / "password", std::filesystem::perms::owner_read);
        // Nobody can listen there.
        settings.place = {"ldaps://127.0.0.1:1", false, folder / "ca.pem",
                          std::chrono::milliseconds(500)};
        settings.searcher = "cn=coffer,dc=example";
        settings.passwordFile = folder / "password";
        settings.base = "dc=example";
        settings.filter = "(uid=%u)";
        settings.attribute = "memberOf";
    }

    ScratchFolder folder;
    LdapSettings settings;
};

TEST_F(LdapDirectoryTest, IsNotAskedForWhatCannotBeAUser) {
    const LdapDirectory directory(settings);
    const std::string good = "a password";
    for (const std::string name :
         {"", "*", "ann)(uid=*", "ann,dc=example", "Ann", "ANN", "a b", "-ann", "\xC3\xA4nn"}) {
        EXPECT_FALSE(directory.verify(name, good)) << name;
    }
    EXPECT_FALSE(directory.verify(std::string(65, 'a'), good));
    EXPECT_TRUE(LdapDirectory::isName("ann.smith-2"));
}

TEST_F(LdapDirectoryTest, AnEmptyPasswordIsNoPassword) {
    const LdapDirectory directory(settings);
    EXPECT_FALSE(directory.verify("ann", ""));
    EXPECT_FALSE(directory.verify("ann", std::string(2'000, 'x')));
}

TEST_F(LdapDirectoryTest, ThatCannotBeAskedSaysSoWithoutASecret) {
    const LdapDirectory directory(settings);
    const auto error = errorOf([&] { directory.verify("ann", "a password"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(nameOf(error->code()), nameOf(ErrorCode::unavailable));
    EXPECT_NE(std::string(error->what()).find("directory"), std::string::npos);
    EXPECT_EQ(std::string(error->what()).find("cn=coffer"), std::string::npos);
}

TEST_F(LdapDirectoryTest, DoesNotBeginWithoutItsFiles) {
    std::filesystem::permissions(folder / "password", std::filesystem::perms::group_read,
                                 std::filesystem::perm_options::add);
    expectError(ErrorCode::permissionDenied, [&] { LdapDirectory directory(settings); });
    settings.passwordFile = folder / "absent";
    expectError(ErrorCode::notFound, [&] { LdapDirectory directory(settings); });
    settings.passwordFile.clear();
    settings.place.authorityFile = folder / "absent.pem";
    expectError(
        ErrorCode::notFound, [&] { LdapDirectory directory(settings); }, "ldap.ca-file");
}

}  // namespace
}  // namespace coffer
