#include "tools/tree_compare/tree_compare.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "tests/support/expect_error.h"
#include "tests/support/nasty_tree.h"
#include "tests/support/tree_builder.h"

namespace coffer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::uint64_t mebibyte = 1 << 20;

class TreeCompareTest : public testing::Test {
  protected:
    // Two trees that are the same; a test then changes something in `b_`.
    TreeCompareTest() : a_(build("a")), b_(build("b")) {}
    ~TreeCompareTest() override { removeTree(base_); }

    TreeBuilder build(const std::string& name) {
        ::mkdir((base_ + '/' + name).c_str(), 0755);
        TreeBuilder tree(base_ + '/' + name);
        tree.folder("d");
        tree.file("d/file", bytesOf("hello"));
        tree.file("big", Bytes(mebibyte, 'x'));
        tree.sparseFile("sparse", 8 * mebibyte, {{2 * mebibyte, Bytes(4096, 'y')}});
        tree.symlink("link", "target");
        tree.node("pipe", S_IFIFO | 0644);
        for (const auto& path : {"d/file", "big", "sparse", "link", "pipe", "d"}) {
            tree.time(path, 1'000'000'000, 5);
        }
        settle(tree);
        return tree;
    }

    // The time of the root, which each new entry in it changes.
    static void settle(TreeBuilder& tree) { tree.time(".", 1'000'000'000, 5); }

    std::vector<std::string> compare(const TreeCompareOptions& options = {}) {
        std::vector<std::string> lines;
        result_ = compareTrees(base_ + "/a", base_ + "/b", options,
                               [&](const std::string& line) { lines.push_back(line); });
        EXPECT_EQ(result_.differences, lines.size());
        return lines;
    }

    std::string inB(const std::string& path) const { return base_ + "/b/" + path; }

    // Writes into a file of B and leaves its time as it was.
    void overwrite(const std::string& path, std::uint64_t offset, const std::string& data) {
        const UniqueFd fd(::open(inB(path).c_str(), O_WRONLY));
        ASSERT_EQ(::pwrite(fd.get(), data.data(), data.size(), static_cast<off_t>(offset)),
                  static_cast<ssize_t>(data.size()));
        b_.time(path, 1'000'000'000, 5);
    }

    std::string base_ = [] {
        std::string name = testing::TempDir() + "coffer-compare-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw Error::fromErrno(errno, "mkdtemp");
        return name;
    }();
    TreeBuilder a_;
    TreeBuilder b_;
    TreeCompareResult result_;
};

TEST_F(TreeCompareTest, sameTreesAreTheSame) {
    EXPECT_THAT(compare(), IsEmpty());
    EXPECT_EQ(result_.entries, 7u);
}

TEST_F(TreeCompareTest, aSmallChangeOfContent) {
    overwrite("d/file", 4, "O");
    overwrite("big", 700'000, "X");
    EXPECT_THAT(compare(), ElementsAre("big: content differs from octet 700000",
                                       "d/file: content differs from octet 4"));
}

TEST_F(TreeCompareTest, dataWhereTheOtherHasAHole) {
    overwrite("sparse", 5 * mebibyte, "z");
    EXPECT_THAT(compare(), ElementsAre("sparse: content differs from octet 5242880",
                                       StartsWith("sparse: hole at ")));
}

TEST_F(TreeCompareTest, aHoleFilledWithZeros) {
    overwrite("sparse", 0, std::string(2 * mebibyte, '\0'));
    EXPECT_THAT(compare(), ElementsAre(HasSubstr("sparse: hole at 0..2097152 against data at 0")));
}

TEST_F(TreeCompareTest, aTrailingHoleFilledWithZeros) {
    overwrite("sparse", 8 * mebibyte - 4096, std::string(4096, '\0'));
    EXPECT_THAT(compare(), ElementsAre(StartsWith("sparse: hole at 2101248..8388608")));
}

TEST_F(TreeCompareTest, moreHolesAreFine) {
    a_.file("zeros", Bytes(mebibyte));
    b_.sparseFile("zeros", mebibyte, {});
    for (auto* tree : {&a_, &b_}) {
        tree->mode("zeros", 0644);
        tree->time("zeros", 1);
        settle(*tree);
    }
    EXPECT_THAT(compare(), IsEmpty());
}

TEST_F(TreeCompareTest, size) {
    EXPECT_EQ(::truncate(inB("d/file").c_str(), 4), 0);
    b_.time("d/file", 1'000'000'000, 5);
    EXPECT_THAT(compare(), ElementsAre("d/file: size 5 against 4"));
}

TEST_F(TreeCompareTest, permissionBitsOfAllKinds) {
    b_.mode("d/file", 0640);
    b_.mode("d", 01755);
    b_.mode("pipe", 0600);
    EXPECT_THAT(compare(), ElementsAre(StartsWith("d: mode "), StartsWith("pipe: mode "),
                                       StartsWith("d/file: mode ")));
}

TEST_F(TreeCompareTest, timesToTheNanosecond) {
    b_.time("d/file", 1'000'000'000, 6);
    b_.time("link", 999'999'999, 5);
    b_.time("d", -1, 5);
    EXPECT_THAT(compare(),
                ElementsAre("d: mtime 1000000000.000000005 against -1.000000005",
                            "link: mtime 1000000000.000000005 against 999999999.000000005",
                            "d/file: mtime 1000000000.000000005 against 1000000000.000000006"));
}

TEST_F(TreeCompareTest, theTimeOfTheRootCanBeLeftOut) {
    b_.time(".", 7);
    EXPECT_THAT(compare(), ElementsAre(StartsWith(".: mtime ")));
    EXPECT_THAT(compare({.ignoreMtimeOfRoot = true}), IsEmpty());
}

TEST_F(TreeCompareTest, theRootIsComparedToo) {
    b_.mode(".", 0700);
    EXPECT_THAT(compare(), ElementsAre(".: mode 0755 against 0700"));
}

TEST_F(TreeCompareTest, symlinkTargets) {
    ::unlink(inB("link").c_str());
    b_.symlink("link", "tarGet");
    b_.time("link", 1'000'000'000, 5);
    settle(b_);
    EXPECT_THAT(compare(), ElementsAre("link: symlink target target against tarGet"));
}

TEST_F(TreeCompareTest, types) {
    ::unlink(inB("pipe").c_str());
    b_.node("pipe", S_IFSOCK | 0644);
    b_.time("pipe", 1'000'000'000, 5);
    settle(b_);
    EXPECT_THAT(compare(), ElementsAre("pipe: type p against s"));
}

TEST_F(TreeCompareTest, aFolderAgainstAFileIsNotEntered) {
    ::unlink(inB("d/file").c_str());
    ::rmdir(inB("d").c_str());
    b_.file("d", bytesOf("x"));
    settle(b_);
    EXPECT_THAT(compare(), ElementsAre("d: type d against -"));
}

TEST_F(TreeCompareTest, missingAndExtraEntries) {
    ::unlink(inB("d/file").c_str());
    b_.time("d", 1'000'000'000, 5);
    b_.folder("extra");
    b_.file("extra/inside", bytesOf("x"));
    b_.file("strange\n\xff", {});
    settle(b_);
    EXPECT_THAT(compare(), ElementsAre("extra: only in B", "strange\\x0a\\xff: only in B",
                                       "d/file: only in A"));
}

TEST_F(TreeCompareTest, extendedAttributes) {
    for (auto* tree : {&a_, &b_}) {
        if (!tree->xattr("d/file", "user.same", bytesOf("1"))) GTEST_SKIP() << "no user xattrs";
    }
    a_.xattr("d/file", "user.value", bytesOf("1"));
    b_.xattr("d/file", "user.value", bytesOf("2"));
    a_.xattr("d/file", "user.a", bytesOf("1"));
    b_.xattr("d/file", "user.b", {});
    EXPECT_THAT(compare(),
                ElementsAre("d/file: extended attribute user.a only in A",
                            "d/file: extended attribute user.value 1 octets 31 against 1 octets 32",
                            "d/file: extended attribute user.b only in B"));
}

TEST_F(TreeCompareTest, aclsAndCapabilitiesAndTrustedOnes) {
    const auto acl = fromHex(
        "02000000"
        "01000600ffffffff"
        "02000400e8030000"
        "04000400ffffffff"
        "10000400ffffffff"
        "20000400ffffffff");
    const auto capability = fromHex(
        "0100000200040000"
        "0000000000000000"
        "00000000");
    if (!b_.xattr("d/file", "system.posix_acl_access", acl) ||
        !b_.xattr("d", "system.posix_acl_default", acl) ||
        !b_.xattr("big", "security.capability", capability) ||
        !b_.xattr("link", "trusted.x", bytesOf("1"))) {
        GTEST_SKIP() << "the file system refused: " << b_.skipped().back();
    }
    b_.mode("d/file", 0644);
    EXPECT_THAT(compare(),
                ElementsAre("big: extended attribute security.capability only in B",
                            "d: extended attribute system.posix_acl_default only in B",
                            "link: extended attribute trusted.x only in B",
                            "d/file: extended attribute system.posix_acl_access only in B"));
}

TEST_F(TreeCompareTest, owners) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    b_.owner("d/file", 1, ::getegid());
    b_.owner("link", ::geteuid(), 2);
    EXPECT_THAT(compare(), ElementsAre("link: group 0 against 2", "d/file: user 0 against 1"));
}

TEST_F(TreeCompareTest, inodeFlags) {
    b_.flags("d/file", FS_NODUMP_FL);
    b_.flags("d", FS_NOATIME_FL);
    if (!b_.skipped().empty()) GTEST_SKIP() << b_.skipped().back();
    EXPECT_THAT(compare(), ElementsAre("d: inode flags 0x0 against 0x80",
                                       "d/file: inode flags 0x0 against 0x40"));
}

TEST_F(TreeCompareTest, deviceNumbers) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    a_.node("null", S_IFCHR | 0600, 1, 3);
    b_.node("null", S_IFCHR | 0600, 1, 5);
    if (!b_.skipped().empty()) GTEST_SKIP() << b_.skipped().back();
    for (auto* tree : {&a_, &b_}) {
        tree->time("null", 1);
        settle(*tree);
    }
    EXPECT_THAT(compare(), ElementsAre("null: device 1:3 against 1:5"));
}

TEST_F(TreeCompareTest, hardLinksByTheirGroups) {
    for (auto* tree : {&a_, &b_}) {
        tree->file("h1", bytesOf("x"));
        tree->link("h1", "h2");
        tree->file("h3", bytesOf("x"));
        tree->time("h1", 1);
        tree->time("h3", 1);
    }
    a_.link("h1", "h4");
    b_.link("h3", "h4");
    for (auto* tree : {&a_, &b_}) settle(*tree);
    EXPECT_THAT(compare(), ElementsAre("h4: hard link of another set of names"));
}

TEST_F(TreeCompareTest, aCopyIsNoHardLink) {
    a_.file("h1", bytesOf("x"));
    a_.link("h1", "h2");
    b_.file("h1", bytesOf("x"));
    b_.file("h2", bytesOf("x"));
    for (const auto& name : {"h1", "h2"}) {
        a_.time(name, 1);
        b_.time(name, 1);
    }
    for (auto* tree : {&a_, &b_}) settle(*tree);
    EXPECT_THAT(compare(), ElementsAre("h2: hard link of another set of names"));
}

TEST_F(TreeCompareTest, differencesAtAnyDepth) {
    const std::string part(100, 'n');  // 60 of them are more than the system takes at once
    a_.deepFolders("deep", part, 60);
    b_.deepFolders("deep", part, 61);
    for (auto* tree : {&a_, &b_}) {
        tree->time("deep", 1);
        settle(*tree);
    }
    const auto lines = compare();
    EXPECT_THAT(lines, testing::Contains(testing::EndsWith(part + ": only in B")));
    EXPECT_THAT(lines, testing::Each(testing::SizeIs(testing::Gt(6000u))));
}

TEST_F(TreeCompareTest, accessTimesStay) {
    const std::string file = inB("d/file");
    const std::string folder = inB("d");
    const timespec old[2] = {{1000, 0}, {1'000'000'000, 5}};
    for (const auto& path : {file, folder}) ::utimensat(AT_FDCWD, path.c_str(), old, 0);
    EXPECT_THAT(compare(), IsEmpty());
    for (const auto& path : {file, folder}) {
        struct stat found {};
        ASSERT_EQ(::stat(path.c_str(), &found), 0);
        EXPECT_EQ(found.st_atim.tv_sec, 1000) << path;
    }
}

TEST_F(TreeCompareTest, aTreeThatCannotBeReadIsAnError) {
    expectError(
        ErrorCode::notFound,
        [&] { compareTrees(base_ + "/a", base_ + "/none", {}, [](const std::string&) {}); },
        "none");
}

TEST_F(TreeCompareTest, aNastyTreeEqualsItself) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    const auto nasty = base_ + "/nasty";
    makeNastyTree(nasty, 400, 1);
    std::vector<std::string> lines;
    const auto result =
        compareTrees(nasty, nasty, {}, [&](const std::string& line) { lines.push_back(line); });
    EXPECT_THAT(lines, IsEmpty());
    EXPECT_GE(result.entries, 350u);
}

}  // namespace
}  // namespace coffer
