#include "management_server/solo/snapshot_search.h"

#include <gtest/gtest.h>

#include <map>

#include "core/snapshot/tree.h"
#include "tests/core/snapshot/memory_chunks.h"
#include "tests/support/expect_error.h"

namespace coffer::solo {
namespace {

class SnapshotSearch : public testing::Test {
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

    void search(const std::vector<TreeNode>& roots, const std::string& ending) {
        const SearchCalls calls{
            [&](const std::string& path, bool) { return path.ends_with(ending); },
            [&](const FoundEntry& entry) { found[entry.path] = entry.versions; },
            [&](const std::string& path, const Error&) { damaged.push_back(path); }};
        searchSnapshots(chunks, roots, calls, cancel);
    }

    MemoryChunks chunks;
    CancelToken cancel;
    std::map<std::string, std::vector<FoundVersion>> found;
    std::vector<std::string> damaged;
};

TEST_F(SnapshotSearch, tellsWhichSnapshotsHoldWhichState) {
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

TEST_F(SnapshotSearch, findsTheSameStateInFoldersThatDiffer) {
    const TreeNode first = folder("", {file("a", 1), file("b", 2)});
    const TreeNode second = folder("", {file("a", 1), file("b", 3)});
    search({first, second}, "/a");
    ASSERT_EQ(found.size(), 1U);
    ASSERT_EQ(found.at("/a").size(), 1U);
    EXPECT_EQ(found.at("/a")[0].snapshots, (std::vector<std::size_t>{0, 1}));
}

TEST_F(SnapshotSearch, readsWhatIsSharedOnce) {
    const TreeNode shared = folder("shared", {folder("deep", {file("x", 1)})});
    const TreeNode first = folder("", {file("a", 1), shared});
    const TreeNode second = folder("", {file("a", 2), shared});
    search({first, second, first, second}, "x");
    EXPECT_EQ(chunks.reads(), 4U);  // two roots, shared, deep
    EXPECT_EQ(found.at("/shared/deep/x")[0].snapshots, (std::vector<std::size_t>{0, 1, 2, 3}));
}

TEST_F(SnapshotSearch, goesOnBehindADamagedFolder) {
    TreeNode lost = folder("lost", {});
    lost.tree = chunkNumber(99);
    search({folder("", {lost, folder("ok", {file("x", 1)})})}, "x");
    EXPECT_EQ(damaged, std::vector<std::string>{"/lost"});
    EXPECT_EQ(found.size(), 1U);
}

TEST_F(SnapshotSearch, stopsWhenAsked) {
    cancel.request();
    expectError(ErrorCode::cancelled, [&] { search({folder("", {file("x", 1)})}, "x"); });
}

}  // namespace
}  // namespace coffer::solo
