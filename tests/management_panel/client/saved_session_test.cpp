#include "management_panel/client/saved_session.h"

#include <gtest/gtest.h>

#include <boost/filesystem.hpp>

#include "core/trust/private_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer::client {
namespace {

namespace fs = boost::filesystem;

class SavedSessionFile : public testing::Test {
  protected:
    SavedSessionFile() { folder_.make(); }

    ScratchFolder scratch_;
    const ClientFolder folder_{scratch_ / "a/b/coffer"};
};

TEST_F(SavedSessionFile, comesBack) {
    saveSession(folder_, {{"backup.example", 2424}, "ann m", "IOR:00"});
    const SavedSession saved = loadSession(folder_);
    EXPECT_EQ(saved.server.text(), "backup.example:2424");
    EXPECT_EQ(saved.user, "ann m");
    EXPECT_EQ(saved.reference, "IOR:00");
}

TEST_F(SavedSessionFile, keepsServerAndUserAfterALogout) {
    saveSession(folder_, {{"::1", 1}, "ann", ""});
    const SavedSession saved = loadSession(folder_);
    EXPECT_EQ(saved.server.text(), "[::1]:1");
    EXPECT_EQ(saved.user, "ann");
    EXPECT_TRUE(saved.reference.empty());
}

TEST_F(SavedSessionFile, isForItsOwnerOnly) {
    saveSession(folder_, {{"h", 1}, "u", "IOR:00"});
    EXPECT_EQ(fs::status(folder_.sessionFile()).permissions(), fs::owner_read | fs::owner_write);
    EXPECT_EQ(fs::status(folder_.path()).permissions(), fs::owner_all);
}

TEST_F(SavedSessionFile, missingOrDamagedMeansLogInAgain) {
    expectError(
        ErrorCode::loginAgain, [&] { loadSession(folder_); }, "nobody has logged in");
    for (const char* text : {"", "server\nuser ann\n", "server :x\nuser a\nsession b\n", "\n\n"}) {
        writePrivateFile(folder_.sessionFile(), text);
        expectError(
            ErrorCode::loginAgain, [&] { loadSession(folder_); }, "damaged");
    }
}

TEST(ClientFolderOfUser, followsTheEnvironment) {
    const auto set = [](const char* own, const char* all, const char* home) {
        ::setenv("COFFER_CONFIG", own, 1);
        ::setenv("XDG_CONFIG_HOME", all, 1);
        ::setenv("HOME", home, 1);
    };
    const std::string before = std::getenv("HOME") ? std::getenv("HOME") : "";
    set("/own", "/all", "/home/ann");
    EXPECT_EQ(ClientFolder::ofUser().path(), "/own");
    set("", "/all", "/home/ann");
    EXPECT_EQ(ClientFolder::ofUser().path(), "/all/coffer");
    set("", "relative", "/home/ann");
    EXPECT_EQ(ClientFolder::ofUser().path(), "/home/ann/.config/coffer");
    set("", "", "");
    expectError(ErrorCode::invalidArgument, [] { ClientFolder::ofUser(); });
    set("", "", before.c_str());
}

}  // namespace
}  // namespace coffer::client
