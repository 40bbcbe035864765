#include "core/snapshot/snapshot_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>

#include "core/snapshot/tree.h"
#include "tests/core/snapshot/memory_chunks.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

class Searching : public testing::Test {
  protected:
    static TreeNode file(const std::string& name, std::uint64_t size) {
        TreeNode node;
        node.name = name;
        node.attributes.type = EntryType::file;
        node.attributes.size = size;
        if (size > 0) node.content.extents = {{size, chunkNumber(size)}};
        return node;
    }

    // Its entries in ascending order of names.
    TreeNode folder(const std::string& name, const std::vector<TreeNode>& entries) {
        TreeEncoder encoder(false);
        for (const TreeNode& entry : entries) encoder.add(entry.encode());
        TreeNode node;
        node.name = name;
        node.attributes.type = EntryType::folder;
        node.tree = chunks.add(encoder.finish());
        return node;
    }

    // The same in 2^bits segments, of which one may be lost.
    TreeNode large(const std::string& name, const std::vector<TreeNode>& entries, unsigned bits,
                   std::optional<std::uint32_t> lost = {}) {
        SegmentedTree tree{bits, {}};
        for (std::uint32_t number = 0; number < 1U << bits; ++number) {
            TreeEncoder encoder(true);
            std::uint64_t count = 0;
            for (const TreeNode& entry : entries) {
                if (segmentOf(entry.name, bits) != number) continue;
                encoder.add(entry.encode());
                ++count;
            }
            const Bytes segment = encoder.finish();
            tree.segments.push_back(
                {number == lost ? chunkNumber(99) : chunks.add(segment), count});
        }
        TreeNode node;
        node.name = name;
        node.attributes.type = EntryType::folder;
        node.tree = chunks.add(encodeSegmented(tree));
        return node;
    }

    void search(const std::vector<TreeNode>& roots, const std::string& ending) {
        const SearchCalls calls{
            [&](const std::string& path, bool) { return path.ends_with(ending); },
            [&](FoundEntry&& entry) { found[entry.path] = std::move(entry.versions); },
            [&](const std::string& path, const Error&) { damaged.push_back(path); }};
        SnapshotSearch search(chunks, roots, calls);
        while (search.step()) ++steps;
    }

    MemoryChunks chunks;
    int steps = 0;
    std::map<std::string, std::vector<FoundVersion>> found;
    std::vector<std::string> damaged;
};

TEST_F(Searching, tellsWhichSnapshotsHoldWhichState) {
    const TreeNode first = folder("", {folder("home", {file("a", 1), file("b", 2)})});
    const TreeNode second = folder("", {folder("home", {file("a", 3)})});
    search({first, second, first}, "");
    ASSERT_EQ(found.size(), 3U);
    const auto& versions = found.at("/home/a");
    ASSERT_EQ(versions.size(), 2U);
    EXPECT_EQ(versions[0].node.attributes.size, 1U);
    EXPECT_EQ(versions[0].snapshots, (std::vector<std::size_t>{0, 2}));
    EXPECT_EQ(versions[1].node.attributes.size, 3U);
    EXPECT_EQ(versions[1].snapshots, (std::vector<std::size_t>{1}));
    ASSERT_EQ(found.at("/home/b").size(), 1U);
    EXPECT_EQ(found.at("/home/b")[0].snapshots, (std::vector<std::size_t>{0, 2}));
}

TEST_F(Searching, findsTheSameStateInFoldersThatDiffer) {
    const TreeNode first = folder("", {file("a", 1), file("b", 2)});
    const TreeNode second = folder("", {file("a", 1), file("b", 3)});
    search({first, second}, "/a");
    ASSERT_EQ(found.size(), 1U);
    ASSERT_EQ(found.at("/a").size(), 1U);
    EXPECT_EQ(found.at("/a")[0].snapshots, (std::vector<std::size_t>{0, 1}));
}

TEST_F(Searching, readsWhatIsSharedOnce) {
    const TreeNode shared = folder("shared", {folder("deep", {file("x", 1)})});
    const TreeNode first = folder("", {file("a", 1), shared});
    const TreeNode second = folder("", {file("a", 2), shared});
    search({first, second, first, second}, "x");
    EXPECT_EQ(chunks.reads(), 4U);  // two roots, shared, deep
    EXPECT_EQ(found.at("/shared/deep/x")[0].snapshots, (std::vector<std::size_t>{0, 1, 2, 3}));
}

TEST_F(Searching, goesOnBehindADamagedFolder) {
    TreeNode lost = folder("lost", {});
    lost.tree = chunkNumber(99);
    search({folder("", {lost, folder("ok", {file("x", 1)})})}, "x");
    EXPECT_EQ(damaged, std::vector<std::string>{"/lost"});
    EXPECT_EQ(found.size(), 1U);
}

// Folders of which one is cut into segments and others are not, or not so finely.
TEST_F(Searching, looksIntoLargeFoldersPartByPart) {
    const std::vector<TreeNode> few{folder("sub", {file("x", 7)}), file("x1", 1)};
    std::vector<TreeNode> many = few;
    for (int i = 2; i < 300; ++i) many.push_back(file("x" + std::to_string(i), 1));
    std::ranges::sort(many, {}, &TreeNode::name);
    search({folder("", few), large("", many, 2), large("", many, 4)}, "");
    ASSERT_EQ(found.size(), 301U);
    EXPECT_EQ(found.at("/x1")[0].snapshots, (std::vector<std::size_t>{0, 1, 2}));
    EXPECT_EQ(found.at("/x299")[0].snapshots, (std::vector<std::size_t>{1, 2}));
    EXPECT_EQ(found.at("/sub/x")[0].snapshots, (std::vector<std::size_t>{0, 1, 2}));
    EXPECT_EQ(steps, 16 + 1);
}

TEST_F(Searching, goesOnBehindADamagedPart) {
    std::vector<TreeNode> many;
    for (int i = 100; i < 200; ++i) many.push_back(file("x" + std::to_string(i), 1));
    TreeNode root = large("", many, 1, 0);
    search({root}, "");
    EXPECT_EQ(damaged, std::vector<std::string>{"/"});
    EXPECT_GT(found.size(), 20U);
    EXPECT_LT(found.size(), 80U);
}

}  // namespace
}  // namespace coffer
