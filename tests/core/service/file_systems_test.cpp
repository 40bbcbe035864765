#include "core/service/file_systems.h"

#include <gtest/gtest.h>

namespace coffer {
namespace {

TEST(FileSystems, NamesDisksAlone) {
    const auto found = fileSystemsIn(
        "22 28 0:20 / /proc rw,nosuid - proc proc rw\n"
        "28 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
        "40 28 8:2 / /srv/my\\040data rw shared:2 master:3 - xfs /dev/sdb rw\n"
        "41 28 8:2 / /mnt rw - xfs /dev/sdb rw\n"
        "42 28 8:1 /var/lib /bind rw - ext4 /dev/sda1 rw\n"
        "43 28 0:50 /@ /sub rw - btrfs /dev/sdc rw\n"
        "44 28 0:50 /@home /sub/home rw - btrfs /dev/sdc rw\n"
        "45 28 0:51 / /net rw - nfs4 other:/x rw\n"
        "46 28 0:52 / /run rw - tmpfs tmpfs rw\n"
        "47 28 0:53 / /lower rw - overlay overlay rw\n");
    std::string text;
    for (const MountedFileSystem& each : found) text += each.type + " " + each.mountPoint + ";";
    EXPECT_EQ(text, "ext4 /;xfs /mnt;btrfs /sub;btrfs /sub/home;");
}

TEST(FileSystems, TakesAContainersRoot) {
    const auto found = fileSystemsIn("1 0 0:9 / / rw - overlay overlay rw\n");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].mountPoint, "/");
}

TEST(FileSystems, UnfoldsEscapes) {
    const auto found = fileSystemsIn("1 0 8:2 / /a\\040b\\134c\\9 rw - ext4 d rw\n");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].mountPoint, "/a b\\c\\9");
}

TEST(FileSystems, PassesOverLinesThatAreNone) {
    EXPECT_TRUE(fileSystemsIn("").empty());
    EXPECT_TRUE(
        fileSystemsIn("1\n\n1 0 8:1 / relative rw - ext4 d rw\n1 0 8:1 / / rw ext4\n").empty());
}

TEST(FileSystems, OfThisComputerHaveSizes) {
    for (const MountedFileSystem& each : fileSystems(3)) {
        EXPECT_TRUE(each.mountPoint.starts_with('/'));
        EXPECT_GT(each.bytes, 0U) << each.mountPoint;
    }
    EXPECT_TRUE(fileSystems(0).empty());
}

}  // namespace
}  // namespace coffer
