#include "management_server/snapshots/node_shelf.h"

#include <gtest/gtest.h>

#include "tests/core/snapshot/memory_chunks.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

class NodeShelfTest : public testing::Test {
  protected:
    /// A root folder with one file of this size.
    TreeNode rootWith(const std::string& name, std::uint64_t size) {
        TreeNode file;
        file.name = name;
        file.attributes.type = EntryType::file;
        file.attributes.size = size;
        TreeEncoder encoder(false);
        encoder.add(file.encode());
        TreeNode root;
        root.attributes.type = EntryType::folder;
        root.tree = chunks.add(encoder.finish());
        return root;
    }
    std::uint64_t sizeOf(const TreeNode& root, const std::string& path) {
        return shelf.nodeAt(chunks, root, path).attributes.size;
    }

    MemoryChunks chunks;
    NodeShelf shelf;
};

TEST_F(NodeShelfTest, SearchesFoldersOnce) {
    const TreeNode root = rootWith("file", 5);
    EXPECT_EQ(sizeOf(root, "/file"), 5U);
    EXPECT_EQ(chunks.reads(), 1U);
    EXPECT_EQ(sizeOf(root, "/file"), 5U);
    EXPECT_EQ(chunks.reads(), 1U);
}

TEST_F(NodeShelfTest, TellsTreesAndPathsApart) {
    const TreeNode before = rootWith("file", 5);
    const TreeNode after = rootWith("file", 6);
    EXPECT_EQ(sizeOf(before, "/file"), 5U);
    EXPECT_EQ(sizeOf(after, "/file"), 6U);
    EXPECT_EQ(sizeOf(before, "/file"), 5U);
    for (int i = 0; i < 2; ++i) {
        expectError(ErrorCode::notFound, [&] { sizeOf(before, "/other"); });
    }
}

TEST_F(NodeShelfTest, TheRootIsWhatTheSnapshotSays) {
    TreeNode root = rootWith("file", 5);
    root.attributes.mode = 0700;
    EXPECT_EQ(shelf.nodeAt(chunks, root, "/").attributes.mode, 0700U);
    root.attributes.mode = 0755;
    EXPECT_EQ(shelf.nodeAt(chunks, root, "/").attributes.mode, 0755U);
    EXPECT_EQ(chunks.reads(), 0U);
}

TEST_F(NodeShelfTest, KeepsTheLastFew) {
    for (std::uint64_t size = 1; size <= 17; ++size) sizeOf(rootWith("file", size), "/file");
    EXPECT_EQ(chunks.reads(), 17U);
    sizeOf(rootWith("file", 17), "/file");
    sizeOf(rootWith("file", 2), "/file");
    EXPECT_EQ(chunks.reads(), 17U);
    sizeOf(rootWith("file", 1), "/file");
    EXPECT_EQ(chunks.reads(), 18U);
}

}  // namespace
}  // namespace coffer
