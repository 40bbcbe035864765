#include "core/storage/local_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/core/storage/store_fixtures.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class LocalStoreTest : public testing::Test {
  protected:
    std::vector<std::string> names(std::string_view prefix = "") {
        std::vector<std::string> found;
        store_.list(prefix,
                    [&](std::string_view name, std::uint64_t) { found.emplace_back(name); });
        return found;
    }

    static fs::perms permissionsOf(const fs::path& path) { return fs::status(path).permissions(); }

    ScratchFolder scratch_;
    const fs::path root_ = scratch_ / "root";
    std::unique_ptr<Disk> disk_ = makeSystemDisk();
    LocalStore store_{*disk_, root_.string()};
};

TEST_F(LocalStoreTest, LooksTouchNothing) {
    EXPECT_TRUE(names().empty());
    EXPECT_EQ(store_.size("a"), std::nullopt);
    store_.clearTemporary();
    EXPECT_FALSE(fs::exists(root_));
}

TEST_F(LocalStoreTest, OnlyTheOwnerMayRead) {
    store_.put("packs/a", bytesOf("x"));
    putNew(store_, "packs/b", bytesOf("x"));
    EXPECT_EQ(permissionsOf(root_), fs::perms::owner_all);
    EXPECT_EQ(permissionsOf(root_ / "packs"), fs::perms::owner_all);
    const fs::perms file = fs::perms::owner_read | fs::perms::owner_write;
    EXPECT_EQ(permissionsOf(root_ / "packs" / "a"), file);
    EXPECT_EQ(permissionsOf(root_ / "packs" / "b"), file);
}

// Parts of it are sent to the disk while it is written.
TEST_F(LocalStoreTest, ALargeObjectIsWhatWasAppended) {
    Bytes whole(20'000'000);
    for (std::uint32_t i = 0; i < whole.size(); ++i) {
        whole[i] = static_cast<std::uint8_t>((i * 2654435761U) >> 24);
    }
    const auto writer = store_.create("packs/a");
    for (ByteView rest = whole; !rest.empty();) {
        const ByteView piece = rest.first(std::min<std::size_t>(rest.size(), 3'000'001));
        writer->append(piece);
        rest = rest.subspan(piece.size());
    }
    Bytes middle(1000);
    writer->readBack(9'000'000, middle);
    EXPECT_TRUE(std::ranges::equal(middle, ByteView(whole).subspan(9'000'000, 1000)));
    writer->commit();
    EXPECT_EQ(readAll(store_, "packs/a", 1 << 25), whole);
}

TEST_F(LocalStoreTest, ForeignThingsArePassedOver) {
    store_.put("a", bytesOf("x"));
    store_.put("packs/b", bytesOf("x"));
    std::ofstream(root_ / "Read Me") << "hello";
    std::ofstream(root_ / ".hidden") << "hello";
    fs::create_directories(root_ / "lost+found");
    std::ofstream(root_ / "lost+found" / "c") << "hello";
    fs::create_symlink("a", root_ / "link");
    fs::create_directory_symlink("packs", root_ / "way");
    ASSERT_EQ(mkfifo((root_ / "pipe").c_str(), 0600), 0);
    EXPECT_THAT(names(), ElementsAre("a", "packs/b"));
    EXPECT_EQ(store_.size("link"), std::nullopt);
    EXPECT_EQ(store_.size("way/b"), std::nullopt);
    EXPECT_EQ(store_.size("pipe"), std::nullopt);
    expectError(ErrorCode::notFound, [&] { readAll(store_, "pipe", 10); });
}

TEST_F(LocalStoreTest, SymbolicLinksBelowTheRootAreNotFollowed) {
    store_.put("a", bytesOf("x"));
    const fs::path outside = scratch_ / "outside";
    fs::create_directory(outside);
    std::ofstream(outside / "secret") << "hello";
    fs::create_directory_symlink(outside, root_ / "packs");
    fs::create_symlink(outside / "secret", root_ / "link");
    Bytes out(1);
    expectError(ErrorCode::notFound, [&] { store_.read("packs/secret", 0, out); });
    expectError(ErrorCode::notFound, [&] { store_.read("link", 0, out); });
    expectError(ErrorCode::notFound, [&] { store_.remove("packs/secret"); });
    EXPECT_TRUE(names("packs/").empty());
    EXPECT_TRUE(errorOf([&] { store_.put("packs/new", bytesOf("x")); }));
    EXPECT_TRUE(errorOf([&] { putNew(store_, "packs/new", bytesOf("x")); }));
    store_.put("link", bytesOf("own"));
    EXPECT_EQ(fs::file_size(outside / "secret"), 5U);
    EXPECT_EQ(std::distance(fs::directory_iterator(outside), {}), 1);
}

TEST_F(LocalStoreTest, TheWayToTheRootMayHaveSymbolicLinks) {
    fs::create_directory(scratch_ / "volume");
    fs::create_directory_symlink("volume", scratch_ / "mount");
    LocalStore store(*disk_, scratch_ / "mount/root/");
    store.put("a", bytesOf("x"));
    EXPECT_EQ(textOf(readAll(store, "a", 10)), "x");
    EXPECT_TRUE(fs::exists(scratch_ / "volume/root/a"));
}

TEST_F(LocalStoreTest, ClearTemporaryRemovesLeftoversOnly) {
    store_.put("a", bytesOf("x"));
    std::ofstream(root_ / "tmp" / "0123") << "half";
    fs::create_symlink(root_ / "a", root_ / "tmp" / "link");
    store_.clearTemporary();
    EXPECT_TRUE(fs::is_empty(root_ / "tmp"));
    EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(LocalStoreTest, ClearTemporaryLeavesWhatAnotherProgramWrites) {
    LocalStore others(*disk_, root_.string(), "store");
    LocalStore mine(*disk_, root_.string(), "server");
    const auto writer = others.create("a");
    const auto lost = mine.create("b");
    std::ofstream(root_ / "tmp" / "0123") << "of none";
    mine.clearTemporary();
    EXPECT_EQ(std::distance(fs::directory_iterator(root_ / "tmp"), {}), 1);
    writer->append(bytesOf("x"));
    writer->commit();
    EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(LocalStoreTest, NothingStaysInTemporary) {
    store_.put("a", bytesOf("x"));
    putNew(store_, "b", bytesOf("x"));
    expectError(ErrorCode::alreadyExists, [&] { putNew(store_, "b", bytesOf("y")); });
    store_.create("c")->append(bytesOf("x"));
    EXPECT_TRUE(fs::is_empty(root_ / "tmp"));
}

TEST_F(LocalStoreTest, ReplacementByAnotherStoreIsSeen) {
    store_.put("head", bytesOf("old"));
    EXPECT_EQ(textOf(readAll(store_, "head", 10)), "old");
    LocalStore other(*disk_, root_.string());
    other.put("head", bytesOf("new"));
    EXPECT_EQ(textOf(readAll(store_, "head", 10)), "new");
    other.remove("head");
    Bytes out(1);
    expectError(ErrorCode::notFound, [&] { store_.read("head", 0, out); });
}

TEST_F(LocalStoreTest, ReplacementOfAFileWithAnotherNameIsSeen) {
    store_.put("head", bytesOf("old"));
    EXPECT_EQ(textOf(readAll(store_, "head", 10)), "old");
    fs::create_hard_link(root_ / "head", root_ / "copy");
    LocalStore(*disk_, root_.string()).put("head", bytesOf("longer"));
    EXPECT_EQ(textOf(readAll(store_, "head", 10)), "longer");
}

TEST_F(LocalStoreTest, AFileWhereAFolderBelongsIsAnError) {
    store_.put("a", bytesOf("x"));
    expectError(ErrorCode::alreadyExists, [&] { store_.put("a/b", bytesOf("x")); });
    EXPECT_EQ(store_.size("a/b"), std::nullopt);
    store_.put("d/e", bytesOf("x"));
    EXPECT_TRUE(errorOf([&] { store_.put("d", bytesOf("x")); }));
    EXPECT_TRUE(errorOf([&] { putNew(store_, "d", bytesOf("x")); }));
    EXPECT_THAT(names(), ElementsAre("a", "d/e"));
}

TEST_F(LocalStoreTest, TheFileSystemsRootIsNoStore) {
    expectError(ErrorCode::invalidArgument, [&] { LocalStore(*disk_, "/"); });
}

TEST(SystemDisk, LetsTheGroupInIfAsked) {
    const ScratchFolder scratch;
    const mode_t former = ::umask(0027);
    const std::unique_ptr<Disk> disk = makeSystemDisk(DiskAccess::group);
    disk->makeFolder(scratch / "folder");
    disk->create(scratch / "folder/file");
    ::umask(former);
    EXPECT_EQ(fs::status(scratch / "folder").permissions(),
              fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec);
    EXPECT_EQ(fs::status(scratch / "folder/file").permissions(),
              fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
}

TEST(SystemDisk, CreatesExclusively) {
    const ScratchFolder scratch;
    const std::unique_ptr<Disk> disk = makeSystemDisk();
    const std::string path = scratch / "file";
    disk->create(path)->write(bytesOf("x"));
    expectError(
        ErrorCode::alreadyExists, [&] { disk->create(path); }, path);
    EXPECT_TRUE(disk->makeFolder(path + "s"));
    EXPECT_FALSE(disk->makeFolder(path + "s"));
    expectError(
        ErrorCode::alreadyExists, [&] { disk->makeFolder(path); }, path);
    expectError(
        ErrorCode::notFound, [&] { disk->makeFolder(path + "t/u"); }, path);
    expectError(
        ErrorCode::notFound, [&] { disk->unlink(path + "s"); }, path);
    expectError(
        ErrorCode::notFound, [&] { disk->open(path + "s"); }, path);
}

}  // namespace
}  // namespace coffer
