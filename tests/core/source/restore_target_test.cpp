// What every RestoreTarget does alike.

#include "core/source/restore_target.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/base/digest.h"
#include "core/base/random.h"
#include "core/source/file_system_target.h"
#include "core/source/memory_target.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

// A target and a way to read content back that does not go through it.
class World {
  public:
    virtual ~World() = default;
    virtual RestoreTarget& target() = 0;
    virtual std::string content(const std::string& path) = 0;
    virtual std::unique_ptr<World> resumed() = 0;  // a world of its own, made to be gone on with
};

class MemoryWorld : public World {
  public:
    explicit MemoryWorld(bool resume = false) : target_(resume) {}
    RestoreTarget& target() override { return target_; }
    std::string content(const std::string& path) override {
        return std::string(textOf(target_.content(path)));
    }
    std::unique_ptr<World> resumed() override { return std::make_unique<MemoryWorld>(true); }

  private:
    MemoryTarget target_;
};

class DiskWorld : public World {
  public:
    explicit DiskWorld(bool resume = false)
        : path_(std::filesystem::temp_directory_path() /
                ("coffer-target-" + randomId<Digest>().hex())),
          target_(path_, options(resume)) {}
    ~DiskWorld() override { std::filesystem::remove_all(path_); }
    RestoreTarget& target() override { return target_; }
    std::string content(const std::string& path) override {
        std::ifstream file(path_ / path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::unique_ptr<World> resumed() override { return std::make_unique<DiskWorld>(true); }

  private:
    static FileSystemTarget::Options options(bool resume) {
        FileSystemTarget::Options options;
        options.resume = resume;
        return options;
    }

    const std::filesystem::path path_;
    FileSystemTarget target_;
};

using MakeWorld = std::function<std::unique_ptr<World>()>;

class RestoreTargetTest : public testing::TestWithParam<MakeWorld> {
  protected:
    RestoreTarget& target() { return world_->target(); }

    void writeFile(const std::string& path, const std::string& content, Attributes attributes) {
        attributes.size = content.size();
        const auto writer = target().createFile(path, attributes);
        writer->writeAt(0, bytesOf(content));
        EXPECT_TRUE(writer->finish(attributes).empty());
    }

    static Attributes plain(EntryType type, std::uint32_t mode = 0644) {
        Attributes attributes;
        attributes.type = type;
        attributes.mode = mode;
        attributes.mtime = {1'600'000'000, 123'456'789};
        return attributes;
    }

    const std::unique_ptr<World> world_ = GetParam()();
};

TEST_P(RestoreTargetTest, bringsBackAFile) {
    writeFile("a", "hello", plain(EntryType::file, 0640));
    const auto stat = target().stat("a");
    ASSERT_TRUE(stat);
    EXPECT_EQ(stat->name, "a");
    EXPECT_EQ(stat->type, EntryType::file);
    EXPECT_EQ(stat->size, 5u);
    EXPECT_EQ(stat->mode, 0640u);
    EXPECT_EQ(stat->mtime, (Timestamp{1'600'000'000, 123'456'789}));
    EXPECT_EQ(world_->content("a"), "hello");
}

TEST_P(RestoreTargetTest, writesInAnyOrder) {
    auto attributes = plain(EntryType::file);
    attributes.size = 6;
    const auto writer = target().createFile("a", attributes);
    writer->writeAt(4, bytesOf("ef"));
    writer->writeAt(0, bytesOf("ab"));
    writer->writeAt(1, bytesOf("Bcd"));
    EXPECT_TRUE(writer->finish(attributes).empty());
    EXPECT_EQ(world_->content("a"), "aBcdef");
}

TEST_P(RestoreTargetTest, stretchesNeverWrittenAreZeros) {
    auto attributes = plain(EntryType::file);
    attributes.size = 8;
    const auto writer = target().createFile("a", attributes);
    writer->writeAt(2, bytesOf("x"));
    writer->finish(attributes);
    EXPECT_EQ(world_->content("a"), std::string("\0\0x\0\0\0\0\0", 8));
}

TEST_P(RestoreTargetTest, aFileNeverWrittenIsAHole) {
    auto attributes = plain(EntryType::file);
    attributes.size = 1000;
    target().createFile("a", attributes)->finish(attributes);
    EXPECT_EQ(world_->content("a"), std::string(1000, '\0'));
}

TEST_P(RestoreTargetTest, finishCutsAFileThatGrewShorter) {
    auto attributes = plain(EntryType::file);
    const auto writer = target().createFile("a", attributes);
    writer->writeAt(0, bytesOf("hello"));
    attributes.size = 4;
    writer->finish(attributes);
    EXPECT_EQ(world_->content("a"), "hell");
}

TEST_P(RestoreTargetTest, foldersArePrivateUntilTheyAreFinished) {
    target().makeFolder("d");
    EXPECT_EQ(target().stat("d")->mode, 0700u);
    target().makeFolder("d/e");
    writeFile("d/e/f", "x", plain(EntryType::file));
    EXPECT_TRUE(target().finishFolder("d/e", plain(EntryType::folder, 0711)).empty());
    EXPECT_TRUE(target().finishFolder("d", plain(EntryType::folder, 01777)).empty());
    EXPECT_EQ(target().stat("d/e")->mode, 0711u);
    EXPECT_EQ(target().stat("d")->mode, 01777u);
    EXPECT_EQ(target().stat("d")->mtime.seconds, 1'600'000'000);
    EXPECT_EQ(target().stat("d/e")->mtime.seconds, 1'600'000'000);
}

TEST_P(RestoreTargetTest, theTargetItselfCanBeFinished) {
    EXPECT_TRUE(target().finishFolder("", plain(EntryType::folder, 0750)).empty());
    EXPECT_EQ(target().stat("")->mode, 0750u);
    EXPECT_EQ(target().stat("")->type, EntryType::folder);
}

TEST_P(RestoreTargetTest, symlinksAndFifos) {
    auto link = plain(EntryType::symlink, 0777);
    link.linkTarget = std::string(4095, 'x');
    EXPECT_TRUE(target().makeSpecial("link", link).empty());
    EXPECT_EQ(target().stat("link")->type, EntryType::symlink);
    EXPECT_EQ(target().stat("link")->size, 4095u);
    EXPECT_EQ(target().stat("link")->mtime.seconds, 1'600'000'000);
    EXPECT_TRUE(target().makeSpecial("pipe", plain(EntryType::fifo, 0606)).empty());
    EXPECT_EQ(target().stat("pipe")->type, EntryType::fifo);
    EXPECT_EQ(target().stat("pipe")->mode, 0606u);
    expectError(ErrorCode::invalidArgument,
                [&] { target().makeSpecial("x", plain(EntryType::file)); });
}

TEST_P(RestoreTargetTest, hardLinksShareOneInode) {
    target().makeFolder("d");
    writeFile("a", "hello", plain(EntryType::file));
    target().link("a", "d/b");
    EXPECT_EQ(target().stat("a")->inode, target().stat("d/b")->inode);
    EXPECT_EQ(target().stat("a")->links, 2u);
    EXPECT_EQ(world_->content("d/b"), "hello");
    target().remove("a");
    EXPECT_EQ(target().stat("d/b")->links, 1u);
    EXPECT_EQ(world_->content("d/b"), "hello");
}

TEST_P(RestoreTargetTest, aHardLinkOfASymlinkIsTheSymlink) {
    auto link = plain(EntryType::symlink, 0777);
    link.linkTarget = "nowhere";
    target().makeSpecial("a", link);
    target().link("a", "b");
    EXPECT_EQ(target().stat("b")->type, EntryType::symlink);
    EXPECT_EQ(target().stat("b")->inode, target().stat("a")->inode);
}

TEST_P(RestoreTargetTest, nothingIsOverwritten) {
    writeFile("a", "old", plain(EntryType::file));
    target().makeFolder("d");
    const auto exists = ErrorCode::alreadyExists;
    expectError(
        exists, [&] { target().createFile("a", plain(EntryType::file)); }, "a");
    expectError(exists, [&] { target().createFile("d", plain(EntryType::file)); });
    expectError(exists, [&] { target().makeFolder("a"); });
    expectError(exists, [&] { target().makeFolder("d"); });
    expectError(exists, [&] { target().makeSpecial("a", plain(EntryType::fifo)); });
    expectError(exists, [&] { target().link("a", "d"); });
    EXPECT_EQ(world_->content("a"), "old");
}

TEST_P(RestoreTargetTest, replacesAFileByAnother) {
    writeFile("made", "new", plain(EntryType::file));
    writeFile("a", "old", plain(EntryType::file));
    target().replace("made", "a");
    EXPECT_EQ(world_->content("a"), "new");
    EXPECT_FALSE(target().stat("made"));
}

TEST_P(RestoreTargetTest, replacingNeedsNothingToBeThere) {
    writeFile("made", "new", plain(EntryType::file));
    target().replace("made", "a");
    EXPECT_EQ(world_->content("a"), "new");
}

TEST_P(RestoreTargetTest, replacesNoFolderAndNothingElsewhere) {
    target().makeFolder("folder");
    writeFile("made", "new", plain(EntryType::file));
    expectError(ErrorCode::alreadyExists, [&] { target().replace("made", "folder"); });
    expectError(ErrorCode::invalidArgument, [&] { target().replace("made", "folder/a"); });
    expectError(ErrorCode::notFound, [&] { target().replace("nothing", "a"); });
    EXPECT_EQ(world_->content("made"), "new");
}

TEST_P(RestoreTargetTest, parentsMustExist) {
    writeFile("f", "", plain(EntryType::file));
    for (const std::string folder : {"none", "f"}) {
        const auto path = folder + "/x";
        expectError(ErrorCode::notFound,
                    [&] { target().createFile(path, plain(EntryType::file)); });
        expectError(ErrorCode::notFound, [&] { target().makeFolder(path); });
        expectError(ErrorCode::notFound, [&] { target().remove(path); });
        expectError(ErrorCode::notFound, [&] { target().link("f", path); });
        EXPECT_FALSE(target().stat(path));
    }
    expectError(ErrorCode::notFound,
                [&] { target().finishFolder("none", plain(EntryType::folder)); });
}

TEST_P(RestoreTargetTest, refusesPathsThatCouldLeadElsewhere) {
    target().makeFolder("d");
    for (const std::string path :
         {"/", "/d", "d/", "d//x", ".", "..", "./x", "../x", "d/../x", "d/.", "d/.."}) {
        const auto bad = ErrorCode::invalidArgument;
        expectError(bad, [&] { target().makeFolder(path); });
        expectError(bad, [&] { target().createFile(path, plain(EntryType::file)); });
        expectError(bad, [&] { target().makeSpecial(path, plain(EntryType::fifo)); });
        expectError(bad, [&] { target().link(path, "x"); });
        expectError(bad, [&] { target().link("d", path); });
        expectError(bad, [&] { target().finishFolder(path, plain(EntryType::folder)); });
        expectError(bad, [&] { target().stat(path); });
        expectError(bad, [&] { target().remove(path); });
    }
    const std::string withZero("a\0b", 3);
    expectError(ErrorCode::invalidArgument, [&] { target().makeFolder(withZero); });
    expectError(ErrorCode::invalidArgument, [&] { target().makeFolder(""); });
    expectError(ErrorCode::invalidArgument, [&] { target().remove(""); });
}

TEST_P(RestoreTargetTest, namesAreOctets) {
    const std::string name = "a\xff\n\x01\\ \xc3\xa4";
    writeFile(name, "x", plain(EntryType::file));
    EXPECT_EQ(target().stat(name)->name, name);
    EXPECT_EQ(world_->content(name), "x");
}

TEST_P(RestoreTargetTest, removesWhatWasLeftHalfDone) {
    auto attributes = plain(EntryType::file);
    attributes.size = 10;
    target().createFile("a", attributes)->writeAt(0, bytesOf("abc"));
    EXPECT_EQ(target().stat("a")->size, 3u);
    target().remove("a");
    EXPECT_FALSE(target().stat("a"));
    expectError(ErrorCode::notFound, [&] { target().remove("a"); });
    target().makeFolder("d");
    expectError(ErrorCode::invalidArgument, [&] { target().remove("d"); });
    writeFile("a", "again", attributes);
    EXPECT_EQ(world_->content("a"), "again");
}

TEST_P(RestoreTargetTest, goingOnTakesFoldersOver) {
    const auto world = world_->resumed();
    auto& resumed = world->target();
    resumed.makeFolder("d");
    resumed.makeFolder("d/e");
    resumed.finishFolder("d/e", plain(EntryType::folder, 0755));
    resumed.finishFolder("d", plain(EntryType::folder, 0755));
    resumed.makeFolder("d");
    EXPECT_EQ(resumed.stat("d")->mode, 0700u);
    EXPECT_TRUE(resumed.stat("d/e"));
    resumed.makeSpecial("d/p", plain(EntryType::fifo));
    expectError(ErrorCode::alreadyExists, [&] { resumed.makeFolder("d/p"); });
}

TEST_P(RestoreTargetTest, takesManyThreadsAtOnce) {
    constexpr int threads = 4;
    constexpr int each = 300;  // folders; together more than stay open
    std::vector<std::thread> running;
    for (int t = 0; t < threads; ++t) {
        running.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) {
                const auto folder = std::to_string(t) + '-' + std::to_string(i);
                target().makeFolder(folder);
                writeFile(folder + "/f", folder, plain(EntryType::file));
            }
            for (int i = 0; i < each; ++i) {
                const auto folder = std::to_string(t) + '-' + std::to_string(i);
                writeFile(folder + "/g", folder, plain(EntryType::file));
                target().finishFolder(folder, plain(EntryType::folder, 0755));
            }
        });
    }
    for (auto& thread : running) thread.join();
    target().sync();
    for (int t = 0; t < threads; ++t) {
        for (int i = 0; i < each; ++i) {
            const auto folder = std::to_string(t) + '-' + std::to_string(i);
            EXPECT_EQ(target().stat(folder)->mtime.seconds, 1'600'000'000) << folder;
            EXPECT_EQ(world_->content(folder + "/g"), folder);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Memory, RestoreTargetTest, testing::Values([] {
                             return std::unique_ptr<World>(std::make_unique<MemoryWorld>());
                         }));
INSTANTIATE_TEST_SUITE_P(Disk, RestoreTargetTest, testing::Values([] {
                             return std::unique_ptr<World>(std::make_unique<DiskWorld>());
                         }));

TEST(MemoryTargetTest, failsWhenFull) {
    MemoryTarget target;
    target.failWhenFull(5);
    const auto writer = target.createFile("a", {});
    writer->writeAt(0, bytesOf("hello"));
    expectError(
        ErrorCode::noSpace, [&] { writer->writeAt(5, bytesOf("!")); }, "a");
    EXPECT_EQ(target.written("a"), 5u);
    EXPECT_FALSE(target.isFinished("a"));
}

TEST(MemoryTargetTest, failsAndRefusesOnRequest) {
    MemoryTarget target;
    target.failAt("bad", ErrorCode::ioError);
    target.refuseAt("odd", "owner 1:2: refused");
    expectError(ErrorCode::ioError, [&] { target.makeFolder("bad"); });
    EXPECT_EQ(target.createFile("odd", {})->finish({}),
              std::vector<std::string>{"owner 1:2: refused"});
}

TEST(MemoryTargetTest, showsAllAttributes) {
    MemoryTarget target;
    Attributes attributes;
    attributes.owner = "somebody";
    attributes.xattrs = {{"user.x", toBytes(bytesOf("value"))}};
    attributes.inodeFlags = 0x40;
    target.createFile("a", attributes)->finish(attributes);
    EXPECT_EQ(target.attributes("a"), attributes);
    EXPECT_EQ(target.paths(), std::vector<std::string>{"a"});
    EXPECT_FALSE(target.isSynced());
    target.sync();
    EXPECT_TRUE(target.isSynced());
}

}  // namespace
}  // namespace coffer
