// What every ObjectTree that takes changes does alike. A source that only shows things is in
// ReadOnlyTree below.

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <set>

#include "core/agent/allowed_tree.h"
#include "core/agent/file_tree.h"
#include "core/agent/object_tree.h"
#include "core/agent/paged_entries.h"
#include "core/storage/disk.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

using namespace std::string_literals;

/// A tree and an empty folder in it for the test to use.
class World {
  public:
    virtual ~World() = default;
    virtual ObjectTree& tree() = 0;
    virtual std::string folder() = 0;
};

class FileWorld : public World {
  public:
    ObjectTree& tree() override { return tree_; }
    std::string folder() override { return scratch_.path(); }

  private:
    ScratchFolder scratch_;
    CancelToken cancel_;
    FileTree tree_{cancel_};
};

class AllowedWorld : public World {
  public:
    ObjectTree& tree() override { return tree_; }
    std::string folder() override { return files_.folder(); }

  private:
    FileWorld files_;
    std::unique_ptr<Disk> disk_ = makeSystemDisk();
    AllowList allowed_{{{"/"}, {"/"}, {}}, {}, *disk_};
    AllowedTree tree_{files_.tree(), allowed_};
};

using MakeWorld = std::function<std::unique_ptr<World>()>;

class ObjectTreeConformance : public testing::TestWithParam<MakeWorld> {
  protected:
    ObjectTree& tree() { return world_->tree(); }
    std::string at(const std::string& name) { return world_->folder() + "/" + name; }

    void writeFile(const std::string& path, const std::string& text) {
        tree().createFile(path);
        tree().write(path, 0, bytesOf(text));
    }

    std::string content(const std::string& path) {
        return std::string(textOf(ByteView(tree().read(path, 0, 1 << 20))));
    }

    std::multiset<std::string> names(const std::string& path) {
        std::multiset<std::string> found;
        const auto cursor = tree().list(path);
        while (const auto entry = cursor->next()) found.insert(entry->name);
        return found;
    }

    bool isThere(const std::string& path) {
        return !errorOf([&] { tree().stat(path); });
    }

    std::unique_ptr<World> world_ = GetParam()();
};

TEST_P(ObjectTreeConformance, MakesReadsAndWritesFiles) {
    tree().createFile(at("f"));
    ObjectEntry entry = tree().stat(at("f"));
    EXPECT_EQ(entry.name, "f");
    EXPECT_EQ(entry.kind, "file");
    EXPECT_EQ(entry.size, 0u);
    EXPECT_TRUE(entry.modified);

    tree().write(at("f"), 0, bytesOf("hello"));
    tree().write(at("f"), 4, bytesOf("o you"));
    EXPECT_EQ(content(at("f")), "hello you");
    EXPECT_EQ(tree().stat(at("f")).size, 9u);
    EXPECT_EQ(textOf(ByteView(tree().read(at("f"), 6, 2))), "yo");
    EXPECT_EQ(textOf(ByteView(tree().read(at("f"), 6, 100))), "you");
    EXPECT_TRUE(tree().read(at("f"), 9, 10).empty());
    EXPECT_TRUE(tree().read(at("f"), 1'000'000, 10).empty());
    EXPECT_TRUE(tree().read(at("f"), 0, 0).empty());
}

TEST_P(ObjectTreeConformance, WritingTheSameAgainChangesNothing) {
    writeFile(at("f"), "abc");
    tree().write(at("f"), 1, bytesOf("bc"));
    EXPECT_EQ(content(at("f")), "abc");
}

TEST_P(ObjectTreeConformance, GapsReadAsZeros) {
    tree().createFile(at("f"));
    tree().write(at("f"), 3, bytesOf("x"));
    EXPECT_EQ(content(at("f")), "\0\0\0x"s);
    tree().resize(at("f"), 6);
    EXPECT_EQ(content(at("f")), "\0\0\0x\0\0"s);
    tree().resize(at("f"), 1);
    EXPECT_EQ(content(at("f")), "\0"s);
    tree().resize(at("f"), 1);
    EXPECT_EQ(tree().stat(at("f")).size, 1u);
}

TEST_P(ObjectTreeConformance, NeverWritesToWhatIsNotThere) {
    expectError(ErrorCode::notFound, [&] { tree().write(at("f"), 0, bytesOf("x")); });
    expectError(ErrorCode::notFound, [&] { tree().resize(at("f"), 1); });
    EXPECT_FALSE(isThere(at("f")));
}

TEST_P(ObjectTreeConformance, MakesFolders) {
    tree().createFolder(at("d"));
    writeFile(at("d/f"), "x");
    const ObjectEntry entry = tree().stat(at("d"));
    EXPECT_EQ(entry.kind, "folder");
    EXPECT_FALSE(entry.size);
    EXPECT_EQ(names(at("d")), (std::multiset<std::string>{"f"}));
}

TEST_P(ObjectTreeConformance, MakesNothingTwice) {
    writeFile(at("f"), "x");
    tree().createFolder(at("d"));
    for (const auto& name : {"f", "d"}) {
        expectError(ErrorCode::alreadyExists, [&] { tree().createFile(at(name)); });
        expectError(ErrorCode::alreadyExists, [&] { tree().createFolder(at(name)); });
    }
    EXPECT_EQ(content(at("f")), "x");
}

TEST_P(ObjectTreeConformance, SaysWhatIsMissing) {
    expectError(ErrorCode::notFound, [&] { tree().stat(at("x")); });
    expectError(ErrorCode::notFound, [&] { tree().list(at("x")); });
    expectError(ErrorCode::notFound, [&] { tree().read(at("x"), 0, 1); });
    expectError(ErrorCode::notFound, [&] { tree().erase(at("x"), false); });
    expectError(ErrorCode::notFound, [&] { tree().move(at("x"), at("y")); });
    expectError(ErrorCode::notFound, [&] { tree().copy(at("x"), at("y")); });
    expectError(ErrorCode::notFound, [&] { tree().createFile(at("x/y")); });
    expectError(ErrorCode::notFound, [&] { tree().createFolder(at("x/y")); });
    EXPECT_TRUE(names(world_->folder()).empty());
}

TEST_P(ObjectTreeConformance, FilesAreNoFoldersAndTheOtherWayRound) {
    writeFile(at("f"), "x");
    tree().createFolder(at("d"));
    expectError(ErrorCode::conflict, [&] { tree().list(at("f")); });
    expectError(ErrorCode::conflict, [&] { tree().stat(at("f/x")); });
    expectError(ErrorCode::unsupported, [&] { tree().read(at("d"), 0, 1); });
    expectError(ErrorCode::unsupported, [&] { tree().write(at("d"), 0, bytesOf("x")); });
    expectError(ErrorCode::unsupported, [&] { tree().resize(at("d"), 0); });
}

TEST_P(ObjectTreeConformance, ErasesFilesAndFolders) {
    writeFile(at("f"), "x");
    tree().erase(at("f"), false);
    EXPECT_FALSE(isThere(at("f")));
    tree().createFolder(at("d"));
    tree().erase(at("d"), false);
    EXPECT_FALSE(isThere(at("d")));
    writeFile(at("g"), "x");
    tree().erase(at("g"), true);
    EXPECT_FALSE(isThere(at("g")));
}

TEST_P(ObjectTreeConformance, ErasesAFullFolderOnlyWhenTold) {
    tree().createFolder(at("d"));
    tree().createFolder(at("d/e"));
    writeFile(at("d/e/f"), "x");
    writeFile(at("d/g"), "x");
    expectError(ErrorCode::conflict, [&] { tree().erase(at("d"), false); });
    EXPECT_TRUE(isThere(at("d/e/f")));
    tree().erase(at("d"), true);
    EXPECT_TRUE(names(world_->folder()).empty());
}

TEST_P(ObjectTreeConformance, Moves) {
    writeFile(at("f"), "x");
    tree().createFolder(at("d"));
    tree().move(at("f"), at("d/g"));
    EXPECT_EQ(content(at("d/g")), "x");
    EXPECT_FALSE(isThere(at("f")));
    tree().move(at("d"), at("e"));
    EXPECT_EQ(content(at("e/g")), "x");
}

TEST_P(ObjectTreeConformance, CopiesAFile) {
    writeFile(at("f"), "hello");
    tree().copy(at("f"), at("g"));
    EXPECT_EQ(content(at("g")), "hello");
    EXPECT_EQ(content(at("f")), "hello");
    EXPECT_EQ(tree().stat(at("g")).modified, tree().stat(at("f")).modified);
}

TEST_P(ObjectTreeConformance, CopiesAFolderWithEverythingInIt) {
    tree().createFolder(at("d"));
    tree().createFolder(at("d/e"));
    tree().createFolder(at("d/e/empty"));
    writeFile(at("d/e/f"), "one");
    writeFile(at("d/g"), "two");
    tree().copy(at("d"), at("c"));
    EXPECT_EQ(content(at("c/e/f")), "one");
    EXPECT_EQ(content(at("c/g")), "two");
    EXPECT_TRUE(names(at("c/e/empty")).empty());
    EXPECT_EQ(names(at("c")), names(at("d")));
}

TEST_P(ObjectTreeConformance, NothingIsMovedOrCopiedOverAnything) {
    writeFile(at("f"), "x");
    writeFile(at("g"), "y");
    tree().createFolder(at("d"));
    for (const auto& target : {"g", "d", "f"}) {
        const auto code = target == "f"s ? ErrorCode::invalidArgument : ErrorCode::alreadyExists;
        expectError(code, [&] { tree().move(at("f"), at(target)); });
        expectError(code, [&] { tree().copy(at("f"), at(target)); });
    }
    expectError(ErrorCode::alreadyExists, [&] { tree().copy(at("d"), at("g")); });
    EXPECT_EQ(content(at("f")), "x");
    EXPECT_EQ(content(at("g")), "y");
}

TEST_P(ObjectTreeConformance, NothingGoesIntoItself) {
    tree().createFolder(at("d"));
    expectError(ErrorCode::invalidArgument, [&] { tree().move(at("d"), at("d/e")); });
    expectError(ErrorCode::invalidArgument, [&] { tree().copy(at("d"), at("d/e")); });
    EXPECT_TRUE(names(at("d")).empty());
}

TEST_P(ObjectTreeConformance, TheRootStays) {
    EXPECT_EQ(tree().stat("/").kind, "folder");
    EXPECT_EQ(tree().stat("/").name, "");
    expectError(ErrorCode::invalidArgument, [&] { tree().erase("/", true); });
    expectError(ErrorCode::invalidArgument, [&] { tree().move("/", at("x")); });
    expectError(ErrorCode::invalidArgument, [&] { tree().copy("/", at("x")); });
    writeFile(at("f"), "x");
    expectError(ErrorCode::invalidArgument, [&] { tree().copy(at("f"), "/"); });
    EXPECT_EQ(names(world_->folder()).size(), 1u);
}

TEST_P(ObjectTreeConformance, ListsManyEntriesInPages) {
    tree().createFolder(at("d"));
    std::multiset<std::string> expected;
    for (int i = 0; i < 10'000; ++i) {
        const std::string name = "entry-" + std::to_string(i);
        tree().createFile(at("d/" + name));
        expected.insert(name);
    }
    PagedEntries pages(tree().list(at("d")));
    std::multiset<std::string> found;
    std::size_t count = 0;
    for (bool more = true; more; ++count) {
        const auto page = pages.next(777);
        for (const ObjectEntry& entry : page.entries) found.insert(entry.name);
        more = page.more;
    }
    EXPECT_EQ(found, expected);
    EXPECT_EQ(count, 13u);
    tree().erase(at("d"), true);
    EXPECT_FALSE(isThere(at("d")));
}

TEST_P(ObjectTreeConformance, AnEntryThatVanishesIsPassedOver) {
    tree().createFolder(at("d"));
    for (int i = 0; i < 5000; ++i) tree().createFile(at("d/" + std::to_string(i)));
    const auto cursor = tree().list(at("d"));
    ASSERT_TRUE(cursor->next());
    tree().erase(at("d"), true);
    while (cursor->next()) {
    }
}

TEST_P(ObjectTreeConformance, NamesAreOctets) {
    for (const auto& name : {"\xff\xfe"s, "a b\n"s, "*?[x]"s, "\xc3\xa4"s, "-rf"s, "..."s}) {
        writeFile(at(name), name);
        EXPECT_EQ(content(at(name)), name);
        EXPECT_EQ(tree().stat(at(name)).name, name);
    }
    EXPECT_EQ(names(world_->folder()).size(), 6u);
    EXPECT_TRUE(names(world_->folder()).contains("\xff\xfe"));
}

TEST_P(ObjectTreeConformance, RefusesHostilePathsBeforeAnythingHappens) {
    writeFile(at("f"), "x");
    const std::string folder = world_->folder();
    const std::vector<std::string> hostile = {"",
                                              "f",
                                              "./f",
                                              folder + "/",
                                              folder + "//f",
                                              folder + "/./f",
                                              folder + "/../" + folder.substr(1),
                                              folder + "/..",
                                              folder + "/x/../f",
                                              folder + "/f\0.txt"s,
                                              "/" + std::string(1 << 20, 'x')};
    for (const std::string& path : hostile) {
        const auto refused = [](auto&& work) { expectError(ErrorCode::invalidArgument, work); };
        refused([&] { tree().stat(path); });
        refused([&] { tree().list(path); });
        refused([&] { tree().read(path, 0, 1); });
        refused([&] { tree().write(path, 0, bytesOf("y")); });
        refused([&] { tree().resize(path, 0); });
        refused([&] { tree().createFile(path); });
        refused([&] { tree().createFolder(path); });
        refused([&] { tree().erase(path, true); });
        refused([&] { tree().move(path, at("g")); });
        refused([&] { tree().move(at("f"), path); });
        refused([&] { tree().copy(path, at("g")); });
        refused([&] { tree().copy(at("f"), path); });
    }
    EXPECT_EQ(names(folder), (std::multiset<std::string>{"f"}));
    EXPECT_EQ(content(at("f")), "x");
}

TEST_P(ObjectTreeConformance, RefusesStretchesThatNoFileHas) {
    writeFile(at("f"), "x");
    constexpr auto end = std::numeric_limits<std::uint64_t>::max();
    expectError(ErrorCode::invalidArgument, [&] { tree().write(at("f"), end, bytesOf("y")); });
    expectError(ErrorCode::invalidArgument, [&] { tree().write(at("f"), end - 1, bytesOf("yy")); });
    expectError(ErrorCode::invalidArgument, [&] { tree().resize(at("f"), end); });
    expectError(ErrorCode::invalidArgument, [&] { tree().read(at("f"), end, 1); });
    EXPECT_EQ(content(at("f")), "x");
}

TEST_P(ObjectTreeConformance, ErrorsStayShort) {
    const std::string path = world_->folder() + "/" + std::string(200'000, 'x');
    const auto error = errorOf([&] { tree().stat(path); });
    ASSERT_TRUE(error);
    EXPECT_LT(std::string(error->what()).size(), 4000u);
}

INSTANTIATE_TEST_SUITE_P(Files, ObjectTreeConformance,
                         testing::Values([] { return std::make_unique<FileWorld>(); }));
INSTANTIATE_TEST_SUITE_P(Allowed, ObjectTreeConformance,
                         testing::Values([] { return std::make_unique<AllowedWorld>(); }));

class ReadOnlyTree : public ObjectTree {
  public:
    ObjectEntry stat(const std::string&) override { return {}; }
    std::unique_ptr<EntryCursor> list(const std::string&) override { return nullptr; }
    Bytes read(const std::string&, std::uint64_t, std::size_t) override { return {}; }
};

TEST(ReadOnlyTree, SaysThatItTakesNoChanges) {
    ReadOnlyTree tree;
    const auto refused = [](auto&& work) { expectError(ErrorCode::unsupported, work); };
    refused([&] { tree.write("/a", 0, {}); });
    refused([&] { tree.resize("/a", 0); });
    refused([&] { tree.createFile("/a"); });
    refused([&] { tree.createFolder("/a"); });
    refused([&] { tree.erase("/a", false); });
    refused([&] { tree.move("/a", "/b"); });
    refused([&] { tree.copy("/a", "/b"); });
    expectError(ErrorCode::invalidArgument, [&] { tree.erase("a", false); });
}

}  // namespace
}  // namespace coffer
