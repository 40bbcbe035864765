#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/agent/trusted_program.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

class TrustedProgramTest : public testing::Test {
  protected:
    TrustedProgramTest() {
        fs::create_directory(scratch_ / "hooks");
        std::ofstream(program_) << "#!/bin/sh\n";
        setMode(program_, 0755);
        setMode(scratch_ / "hooks", 0755);
    }
    static void setMode(const std::string& path, mode_t mode) {
        ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    }
    void refused(const std::string& why, const std::string& path) {
        expectError(
            ErrorCode::permissionDenied, [&] { checkTrustedProgram(path); }, why);
    }

    ScratchFolder scratch_;
    const std::string program_ = scratch_ / "hooks/dump";
};

TEST_F(TrustedProgramTest, IsOneThatNobodyElseCanChange) {
    checkTrustedProgram(program_);
    setMode(program_, 0500);
    checkTrustedProgram(program_);
    for (const mode_t mode : {0775, 0757}) {
        setMode(program_, mode);
        refused("is writable for others", program_);
    }
    setMode(program_, 0644);
    refused("is not executable", program_);
}

TEST_F(TrustedProgramTest, LiesInFoldersThatNobodyElseCanChange) {
    for (const mode_t mode : {0775, 0757}) {
        setMode(scratch_ / "hooks", mode);
        refused("who could replace the program", program_);
    }
    setMode(scratch_ / "hooks", 01777);
    checkTrustedProgram(program_);
}

TEST_F(TrustedProgramTest, IsNamedByItself) {
    fs::create_symlink(program_, scratch_ / "link");
    refused("is a symbolic link", scratch_ / "link");
    fs::create_directory_symlink(scratch_ / "hooks", scratch_ / "folder");
    refused("is a symbolic link", scratch_ / "folder/dump");
    refused("is no regular file", scratch_ / "hooks");
    expectError(ErrorCode::notFound, [&] { checkTrustedProgram(scratch_ / "nothing"); });
    for (const char* path : {"dump", "/a/../b", "", "/"}) {
        EXPECT_TRUE(errorOf([&] { checkTrustedProgram(path); })) << path;
    }
}

TEST_F(TrustedProgramTest, BelongsToNobodyElse) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    ASSERT_EQ(::chown(program_.c_str(), 65534, 65534), 0);
    refused("belongs neither to root nor to the agent's user", program_);
}

}  // namespace
}  // namespace coffer
