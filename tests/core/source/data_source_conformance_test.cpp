// What every DataSource owes its users, run against the file system and against memory.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "core/source/cache_dir_tag.h"
#include "core/source/file_system_source.h"
#include "core/source/memory_source.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// A source with a folder in it that a test may fill.
class TestTree {
  public:
    virtual ~TestTree() = default;
    virtual DataSource& source() = 0;
    virtual std::string root() const = 0;
    virtual void folder(const std::string& path) = 0;
    virtual void file(const std::string& path, const std::string& content) = 0;
    virtual void symlink(const std::string& path, const std::string& target) = 0;
    virtual void link(const std::string& existing, const std::string& path) = 0;
    virtual void remove(const std::string& path) = 0;
};

class DiskTree : public TestTree {
  public:
    DataSource& source() override { return source_; }
    std::string root() const override { return scratch_.path(); }
    void folder(const std::string& path) override { fs::create_directory(scratch_ / path); }
    void file(const std::string& path, const std::string& content) override {
        std::ofstream(scratch_ / path, std::ios::binary) << content;
    }
    void symlink(const std::string& path, const std::string& target) override {
        fs::create_symlink(target, scratch_ / path);
    }
    void link(const std::string& existing, const std::string& path) override {
        fs::create_hard_link(scratch_ / existing, scratch_ / path);
    }
    void remove(const std::string& path) override { fs::remove_all(scratch_ / path); }

  private:
    ScratchFolder scratch_;
    FileSystemSource source_;
};

class MemoryTree : public TestTree {
  public:
    MemoryTree() { source_.addFolder(root()); }
    DataSource& source() override { return source_; }
    std::string root() const override { return "/root"; }
    void folder(const std::string& path) override { source_.addFolder("/root/" + path); }
    void file(const std::string& path, const std::string& content) override {
        source_.addFile("/root/" + path, bytesOf(content));
    }
    void symlink(const std::string& path, const std::string& target) override {
        source_.addSymlink("/root/" + path, target);
    }
    void link(const std::string& existing, const std::string& path) override {
        source_.addLink("/root/" + existing, "/root/" + path);
    }
    void remove(const std::string& path) override { source_.remove("/root/" + path); }

  private:
    MemorySource source_;
};

template <class Tree>
class DataSourceConformance : public testing::Test {
  protected:
    std::unique_ptr<Folder> openRoot() { return open(""); }
    std::unique_ptr<Folder> open(const std::string& path) {
        return tree.source().openFolder(tree.root() + "/" + path);
    }
    static std::vector<std::string> namesIn(Folder& folder) {
        std::vector<std::string> names;
        folder.list([&](std::string_view name) { names.emplace_back(name); });
        return names;
    }

    Tree tree;
};

using Trees = testing::Types<DiskTree, MemoryTree>;
TYPED_TEST_SUITE(DataSourceConformance, Trees);

TYPED_TEST(DataSourceConformance, ListsEveryEntryOnceAndAgain) {
    this->tree.folder("folder");
    this->tree.file("folder/inner", "x");
    this->tree.file("new\nline \xFF", "");
    this->tree.symlink("link", "nowhere");
    const auto root = this->openRoot();
    for (int round = 0; round < 2; ++round) {
        EXPECT_THAT(this->namesIn(*root), UnorderedElementsAre("folder", "new\nline \xFF", "link"));
    }
    this->tree.folder("empty");
    EXPECT_THAT(this->namesIn(*this->open("empty")), IsEmpty());
}

TYPED_TEST(DataSourceConformance, StatTellsKindAndSize) {
    this->tree.folder("folder");
    this->tree.file("file", "12345");
    this->tree.symlink("link", "target of 19 octets");
    const auto root = this->openRoot();
    EXPECT_EQ(root->stat("folder")->type, EntryType::folder);
    const Stat file = *root->stat("file");
    EXPECT_EQ(file.type, EntryType::file);
    EXPECT_EQ(file.size, 5u);
    EXPECT_EQ(file.name, "file");
    EXPECT_EQ(file.links, 1u);
    const Stat link = *root->stat("link");
    EXPECT_EQ(link.type, EntryType::symlink);
    EXPECT_EQ(link.size, 19u);
    EXPECT_EQ(root->details(link).linkTarget, "target of 19 octets");
    EXPECT_EQ(root->statSelf().type, EntryType::folder);
    EXPECT_EQ(root->statSelf().name, "");
    EXPECT_EQ(this->open("folder")->statSelf().inode, root->stat("folder")->inode);
}

TYPED_TEST(DataSourceConformance, WhatIsNotThereIsNothingOrNotFound) {
    this->tree.file("file", "x");
    const auto root = this->openRoot();
    const Stat file = *root->stat("file");
    this->tree.remove("file");
    EXPECT_FALSE(root->stat("file"));
    expectError(
        ErrorCode::notFound, [&] { root->open(file); }, "file");
    expectError(
        ErrorCode::notFound, [&] { root->details(file); }, "file");
    expectError(ErrorCode::notFound, [&] { this->open("none/such"); });
}

TYPED_TEST(DataSourceConformance, NamesAreOnePart) {
    const auto root = this->openRoot();
    for (const std::string& name : {std::string(), std::string("."), std::string(".."),
                                    std::string("a/b"), std::string("a\0b", 3)}) {
        expectError(ErrorCode::invalidArgument, [&] { root->stat(name); });
        Stat entry;
        entry.name = name;
        expectError(ErrorCode::invalidArgument, [&] { root->open(entry); });
        expectError(ErrorCode::invalidArgument, [&] { root->details(entry); });
    }
    for (const char* path : {"relative", "", "/a/../b", "/./a"}) {
        expectError(ErrorCode::invalidArgument, [&] { this->tree.source().openFolder(path); });
    }
}

TYPED_TEST(DataSourceConformance, NoPartOfAPathMayBeASymlinkOrFile) {
    this->tree.folder("real");
    this->tree.folder("real/inner");
    this->tree.symlink("link", "real");
    this->tree.file("file", "x");
    EXPECT_NO_THROW(this->open("real//inner/"));
    for (const char* path : {"link", "link/inner", "file", "file/inner"}) {
        expectError(ErrorCode::conflict, [&] { this->open(path); });
    }
}

TYPED_TEST(DataSourceConformance, ReadsAnyStretch) {
    this->tree.file("file", "0123456789");
    const auto root = this->openRoot();
    const auto file = root->open(*root->stat("file"));
    Bytes buffer(4);
    EXPECT_EQ(file->readAt(3, buffer), 4u);
    EXPECT_EQ(textOf(buffer), "3456");
    EXPECT_EQ(file->readAt(8, buffer), 2u);
    EXPECT_EQ(textOf(buffer).substr(0, 2), "89");
    EXPECT_EQ(file->readAt(10, buffer), 0u);
    EXPECT_EQ(file->readAt(~std::uint64_t{0}, buffer), 0u);
    EXPECT_EQ(file->regionAt(4).length, 6u);
    EXPECT_FALSE(file->regionAt(4).hole);
    EXPECT_EQ(file->regionAt(10).length, 0u);
    EXPECT_EQ(file->regionAt(11).length, 0u);
    EXPECT_EQ(file->statNow().size, 10u);
}

TYPED_TEST(DataSourceConformance, AReplacedEntryIsNotOpened) {
    this->tree.file("file", "old");
    const auto root = this->openRoot();
    const Stat old = *root->stat("file");
    this->tree.link("file", "keeps the inode number taken");
    this->tree.remove("file");
    this->tree.file("file", "new");
    expectError(ErrorCode::conflict, [&] { root->open(old); });
    expectError(ErrorCode::conflict, [&] { root->details(old); });
    this->tree.remove("file");
    this->tree.symlink("file", "keeps the inode number taken");
    expectError(ErrorCode::conflict, [&] { root->open(old); });
    this->tree.remove("file");
    this->tree.folder("file");
    expectError(ErrorCode::conflict, [&] { root->open(old); });
}

TYPED_TEST(DataSourceConformance, AnOpenFileSurvivesItsRemoval) {
    this->tree.file("file", "still here");
    const auto root = this->openRoot();
    const auto file = root->open(*root->stat("file"));
    this->tree.remove("file");
    Bytes buffer(20);
    EXPECT_EQ(file->readAt(0, buffer), 10u);
    EXPECT_EQ(file->statNow().links, 0u);
}

TYPED_TEST(DataSourceConformance, HardLinksShareAnInode) {
    this->tree.file("a", "x");
    this->tree.link("a", "b");
    this->tree.symlink("c", "a");
    const auto root = this->openRoot();
    EXPECT_EQ(root->stat("a")->inode, root->stat("b")->inode);
    EXPECT_EQ(root->stat("b")->links, 2u);
    EXPECT_NE(root->stat("c")->inode, root->stat("a")->inode);
}

TYPED_TEST(DataSourceConformance, FoldersAndFilesOutliveTheirOpener) {
    this->tree.folder("folder");
    this->tree.file("folder/file", "x");
    auto folder = this->open("folder");
    const auto file = folder->open(*folder->stat("file"));
    folder.reset();
    EXPECT_EQ(file->details().xattrs.size(), 0u);
    EXPECT_EQ(file->regionAt(0).length, 1u);
}

TYPED_TEST(DataSourceConformance, CacheDirTagNeedsTheSignatureInARegularFile) {
    const std::string signature = "Signature: 8a477f597d28d172789f06886806bc55";
    const auto tagged = [&](const std::string& folder) {
        return hasCacheDirTag(*this->open(folder));
    };
    for (const char* folder : {"none", "good", "bare", "short", "wrong", "link", "folder"}) {
        this->tree.folder(folder);
    }
    this->tree.file("good/CACHEDIR.TAG", signature + "\n# made by a test\n");
    this->tree.file("bare/CACHEDIR.TAG", signature);
    this->tree.file("short/CACHEDIR.TAG", signature.substr(0, 42));
    this->tree.file("wrong/CACHEDIR.TAG", " " + signature);
    this->tree.symlink("link/CACHEDIR.TAG", "../good/CACHEDIR.TAG");
    this->tree.folder("folder/CACHEDIR.TAG");
    EXPECT_TRUE(tagged("good"));
    EXPECT_TRUE(tagged("bare"));
    for (const char* folder : {"none", "short", "wrong", "link", "folder"}) {
        EXPECT_FALSE(tagged(folder)) << folder;
    }
}

}  // namespace
}  // namespace coffer
