// What a file system has beyond other trees: symbolic links, special entries, mounts, attributes.

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/agent/file_tree.h"
#include "core/agent/tree_copy.h"
#include "core/source/memory_source.h"
#include "core/source/memory_target.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/tree_builder.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

class FileTreeTest : public testing::Test {
  protected:
    void put(const std::string& name, const std::string& text) {
        std::ofstream(scratch_ / name, std::ios::binary) << text;
    }

    std::string content(const std::string& name) {
        std::ifstream file(scratch_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    ScratchFolder scratch_;
    CancelToken cancel_;
    FileTree tree_{cancel_};
};

TEST_F(FileTreeTest, FollowsNoLinkInTheParents) {
    fs::create_directory(scratch_ / "real");
    put("real/f", "x");
    fs::create_directory_symlink("real", scratch_ / "link");
    const std::string path = scratch_ / "link/f";
    const auto refused = [](auto&& work) { expectError(ErrorCode::conflict, work); };
    refused([&] { tree_.stat(path); });
    refused([&] { tree_.list(scratch_ / "link"); });
    refused([&] { tree_.read(path, 0, 1); });
    refused([&] { tree_.write(path, 0, bytesOf("y")); });
    refused([&] { tree_.resize(path, 0); });
    refused([&] { tree_.createFile(scratch_ / "link/g"); });
    refused([&] { tree_.createFolder(scratch_ / "link/g"); });
    refused([&] { tree_.erase(path, true); });
    refused([&] { tree_.move(path, scratch_ / "g"); });
    refused([&] { tree_.move(scratch_ / "real/f", scratch_ / "link/g"); });
    refused([&] { tree_.copy(path, scratch_ / "g"); });
    refused([&] { tree_.copy(scratch_ / "real/f", scratch_ / "link/g"); });
    EXPECT_EQ(content("real/f"), "x");
    EXPECT_FALSE(fs::exists(scratch_ / "real/g"));
}

TEST_F(FileTreeTest, ALinkIsAnEntryOfItsOwn) {
    put("f", "x");
    fs::create_symlink("f", scratch_ / "l");
    const ObjectEntry entry = tree_.stat(scratch_ / "l");
    EXPECT_EQ(entry.kind, "symlink");
    EXPECT_EQ(entry.more.at("link-target"), "f");
    EXPECT_FALSE(entry.size);
    expectError(ErrorCode::unsupported, [&] { tree_.read(scratch_ / "l", 0, 1); });
    expectError(ErrorCode::unsupported, [&] { tree_.write(scratch_ / "l", 0, bytesOf("y")); });
    expectError(ErrorCode::unsupported, [&] { tree_.resize(scratch_ / "l", 0); });
    tree_.copy(scratch_ / "l", scratch_ / "m");
    EXPECT_EQ(fs::read_symlink(scratch_ / "m"), "f");
    tree_.move(scratch_ / "m", scratch_ / "n");
    tree_.erase(scratch_ / "n", true);
    tree_.erase(scratch_ / "l", false);
    EXPECT_EQ(content("f"), "x");
}

TEST_F(FileTreeTest, LinkTargetsArePrintable) {
    fs::create_symlink("a\xff\x1b[31m", scratch_ / "l");
    EXPECT_EQ(tree_.stat(scratch_ / "l").more.at("link-target"), "a\\xff\\x1b[31m");
}

TEST_F(FileTreeTest, ADanglingLinkIsNoRoomForAFile) {
    fs::create_symlink("nowhere", scratch_ / "l");
    expectError(ErrorCode::alreadyExists, [&] { tree_.createFile(scratch_ / "l"); });
    EXPECT_FALSE(fs::exists(scratch_ / "nowhere"));
}

TEST_F(FileTreeTest, NeverWaitsForAPipe) {
    ASSERT_EQ(::mkfifo((scratch_ / "p").c_str(), 0600), 0);
    EXPECT_EQ(tree_.stat(scratch_ / "p").kind, "fifo");
    expectError(ErrorCode::unsupported, [&] { tree_.read(scratch_ / "p", 0, 1); });
    expectError(ErrorCode::unsupported, [&] { tree_.write(scratch_ / "p", 0, bytesOf("x")); });
    tree_.copy(scratch_ / "p", scratch_ / "q");
    EXPECT_EQ(tree_.stat(scratch_ / "q").kind, "fifo");
}

TEST_F(FileTreeTest, WhatItMakesIsPrivate) {
    tree_.createFile(scratch_ / "f");
    tree_.createFolder(scratch_ / "d");
    EXPECT_EQ(tree_.stat(scratch_ / "f").mode, 0600u);
    EXPECT_EQ(tree_.stat(scratch_ / "d").mode, 0700u);
}

TEST_F(FileTreeTest, ReadsFilesOfTheKernel) {
    EXPECT_FALSE(tree_.read("/proc/version", 0, 100).empty());
}

TEST_F(FileTreeTest, CopiesAttributesHolesAndHardLinks) {
    TreeBuilder builder(scratch_ / "d");
    builder.file("a", bytesOf("text"));
    builder.link("a", "b");
    builder.mode("a", 0640);
    builder.sparseFile("s", 100 << 20, {{50 << 20, toBytes(bytesOf("middle"))}});
    builder.folder("sub");
    builder.mode("sub", 0755);
    builder.time("sub", 1'000'000'000, 5);
    builder.time("a", 1'100'000'000, 123'456'789);
    tree_.copy(scratch_ / "d", scratch_ / "c");
    struct stat a {};
    struct stat b {};
    struct stat s {};
    ASSERT_EQ(::stat((scratch_ / "c/a").c_str(), &a), 0);
    ASSERT_EQ(::stat((scratch_ / "c/b").c_str(), &b), 0);
    ASSERT_EQ(::stat((scratch_ / "c/s").c_str(), &s), 0);
    EXPECT_EQ(a.st_ino, b.st_ino);
    EXPECT_EQ(a.st_mode & 07777u, 0640u);
    EXPECT_EQ(a.st_mtim.tv_nsec, 123'456'789);
    EXPECT_EQ(s.st_size, 100 << 20);
    EXPECT_LT(s.st_blocks, 1000);
    EXPECT_EQ(textOf(ByteView(tree_.read(scratch_ / "c/s", 50 << 20, 6))), "middle");
    EXPECT_EQ(tree_.stat(scratch_ / "c/sub").modified, (Timestamp{1'000'000'000, 5}));
    EXPECT_EQ(tree_.stat(scratch_ / "c/sub").mode, 0755u);
}

TEST_F(FileTreeTest, CopiesAndErasesVeryDeepFolders) {
    TreeBuilder builder(scratch_ / "d");
    builder.deepFolders("deep", std::string(200, 'n'), 1200);
    tree_.copy(scratch_ / "d", scratch_ / "c");
    std::string path = scratch_ / "c/deep";
    for (int level = 0; level < 1000; ++level) path += "/" + std::string(200, 'n');
    EXPECT_EQ(tree_.stat(path).kind, "folder");
    tree_.erase(scratch_ / "c", true);
    EXPECT_FALSE(fs::exists(scratch_ / "c"));
    EXPECT_TRUE(fs::exists(scratch_ / "d/deep"));
}

TEST_F(FileTreeTest, EndsLongWorkWhenAskedTo) {
    fs::create_directories(scratch_ / "d/e");
    put("d/e/f", "x");
    cancel_.request();
    expectError(ErrorCode::cancelled, [&] { tree_.copy(scratch_ / "d", scratch_ / "c"); });
    expectError(ErrorCode::cancelled, [&] { tree_.erase(scratch_ / "d", true); });
    EXPECT_FALSE(fs::exists(scratch_ / "c"));
    EXPECT_EQ(content("d/e/f"), "x");
}

class MountTest : public FileTreeTest {
  protected:
    void SetUp() override {
        fs::create_directories(scratch_ / "d/m");
        if (::mount("tmpfs", (scratch_ / "d/m").c_str(), "tmpfs", 0, "size=1m") != 0) {
            GTEST_SKIP() << "cannot mount";
        }
        mounted_ = true;
    }
    void TearDown() override {
        if (mounted_) ::umount((scratch_ / "d/m").c_str());
    }

  private:
    bool mounted_ = false;
};

TEST_F(MountTest, ErasesNothingThatIsMounted) {
    put("d/m/f", "x");
    expectError(
        ErrorCode::conflict, [&] { tree_.erase(scratch_ / "d", true); }, "mounted");
    expectError(
        ErrorCode::conflict, [&] { tree_.erase(scratch_ / "d/m", true); }, "mounted");
    EXPECT_EQ(content("d/m/f"), "x");
}

TEST_F(MountTest, DoesNotMoveAcrossFileSystems) {
    put("f", "x");
    expectError(
        ErrorCode::unsupported, [&] { tree_.move(scratch_ / "f", scratch_ / "d/m/f"); },
        "copy, then erase");
    EXPECT_EQ(content("f"), "x");
    tree_.copy(scratch_ / "f", scratch_ / "d/m/f");
    EXPECT_EQ(content("d/m/f"), "x");
}

TEST_F(MountTest, ACopyThatDoesNotFitIsTakenAway) {
    fs::create_directory(scratch_ / "big");
    put("big/a", "small");
    put("big/b", std::string(2 << 20, 'b'));
    expectError(ErrorCode::noSpace, [&] { tree_.copy(scratch_ / "big", scratch_ / "d/m/big"); });
    EXPECT_TRUE(fs::is_empty(scratch_ / "d/m"));
}

TEST(TreeCopy, ReportsWhatItBegan) {
    MemorySource source;
    source.addFolder("/d");
    source.addFile("/d/f", bytesOf("content"));
    MemoryTarget target;
    target.failAt("c/f", ErrorCode::ioError);
    const CancelToken cancel;
    TreeCopy copy(source, target, cancel);
    expectError(ErrorCode::notFound, [&] { copy.run("/", "x", "c"); });
    EXPECT_FALSE(copy.began());
    expectError(ErrorCode::ioError, [&] { copy.run("/", "d", "c"); });
    EXPECT_TRUE(copy.began());
}

TEST(TreeCopy, StopsAtTheSizeThatAFileHadAtFirst) {
    MemorySource source;
    source.addFile("/f", Bytes(100, 'x'));
    source.change("/f", [](MemoryEntry& entry) {
        entry.afterRead = [](MemoryEntry& growing, std::uint64_t) { growing.stat.size += 1000; };
    });
    MemoryTarget target;
    const CancelToken cancel;
    TreeCopy(source, target, cancel).run("/", "f", "g");
    EXPECT_EQ(target.content("g").size(), 100u);
}

}  // namespace
}  // namespace coffer
