#include "core/trust/private_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

fs::perms permissionsOf(const std::string& path) {
    return fs::status(path).permissions();
}

TEST(PrivateFile, IsForItsOwnerAlone) {
    const ScratchFolder scratch;
    writePrivateFile(scratch / "key", "secret");
    EXPECT_EQ(readTextFile(scratch / "key"), "secret");
    EXPECT_EQ(permissionsOf(scratch / "key"), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(PrivateFile, ReplacesAnOlderOneWithItsPermissions) {
    const ScratchFolder scratch;
    std::ofstream(scratch / "key") << "something longer than what comes";
    fs::permissions(scratch / "key", fs::perms::all);
    writePrivateFile(scratch / "key", "short");
    EXPECT_EQ(readTextFile(scratch / "key"), "short");
    EXPECT_EQ(permissionsOf(scratch / "key"), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(PrivateFile, LeavesNothingBehindWhenItFails) {
    const ScratchFolder scratch;
    fs::create_directory(scratch / "key");
    EXPECT_TRUE(errorOf([&] { writePrivateFile(scratch / "key", "x"); }));
    EXPECT_EQ(std::distance(fs::directory_iterator(scratch.path()), {}), 1);
}

TEST(PrivateFile, IsReadOnlyWhenItIsThereAndSmall) {
    const ScratchFolder scratch;
    expectError(ErrorCode::notFound, [&] { readTextFile(scratch / "none"); });
    std::ofstream(scratch / "large") << std::string((1 << 20) + 1, 'x');
    expectError(ErrorCode::limitExceeded, [&] { readTextFile(scratch / "large"); });
}

TEST(PrivateFolder, IsForItsOwnerAlone) {
    const ScratchFolder scratch;
    makePrivateFolder(scratch / "a");
    makePrivateFolder(scratch / "a");
    EXPECT_EQ(permissionsOf(scratch / "a"), fs::perms::owner_all);
    expectError(ErrorCode::notFound, [&] { makePrivateFolder(scratch / "b/c"); });
}

}  // namespace
}  // namespace coffer
