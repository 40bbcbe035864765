#include "core/snapshot/tree_walk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/core/snapshot/memory_chunks.h"

namespace coffer {
namespace {

/// Keeps what it was told to expect.
class ExpectingChunks : public MemoryChunks {
  public:
    void expect(std::span<const ChunkId> ids) override { expected.insert(ids.begin(), ids.end()); }
    Bytes read(const ChunkId& id) override {
        unexpected += expected.contains(id) ? 0 : 1;
        return MemoryChunks::read(id);
    }

    std::set<ChunkId> expected;
    int unexpected = 0;
};

class TreeWalkTest : public testing::Test {
  protected:
    static TreeNode folder(const std::string& name, const ChunkId& tree) {
        TreeNode node;
        node.name = name;
        node.attributes.type = EntryType::folder;
        node.tree = tree;
        return node;
    }
    static TreeNode file(const std::string& name) {
        TreeNode node;
        node.name = name;
        node.attributes.type = EntryType::file;
        return node;
    }
    ChunkId addTree(const std::vector<TreeNode>& nodes, bool isSegment = false) {
        TreeEncoder encoder(isSegment);
        for (const TreeNode& node : nodes) encoder.add(node.encode());
        return chunks.add(encoder.finish());
    }
    std::vector<std::string> walk(const TreeNode& root) {
        std::vector<std::string> seen;
        TreeWalk walk(chunks, root);
        while (walk.next()) seen.push_back(walk.path() + (walk.leaving() ? " left" : ""));
        return seen;
    }

    ExpectingChunks chunks;
};

TEST_F(TreeWalkTest, GoesThroughFoldersBeforeWhatIsBehindThem) {
    const ChunkId inner = addTree({file("x")});
    const TreeNode root = folder("", addTree({file("a"), folder("b", inner), file("c")}));
    EXPECT_EQ(walk(root), (std::vector<std::string>{"a", "b", "b/x", "b left", "c"}));
}

TEST_F(TreeWalkTest, SaysWhichTreesItWillRead) {
    std::vector<TreeNode> folders;
    for (int i = 0; i < 5; ++i) {
        const ChunkId deep = addTree({file("deep " + std::to_string(i))});
        folders.push_back(folder("f" + std::to_string(i), addTree({folder("d", deep)})));
    }
    EXPECT_EQ(walk(folder("", addTree(folders))).size(), 5U * 5);
    EXPECT_EQ(chunks.unexpected, 1);  // the root
}

TEST_F(TreeWalkTest, SaysWhichSegmentsItWillRead) {
    constexpr unsigned bits = 2;
    std::vector<std::vector<TreeNode>> parts(std::size_t{1} << bits);
    for (int i = 0; i < 20; ++i) {
        const std::string name = "f" + std::to_string(10 + i);
        parts[segmentOf(name, bits)].push_back(folder(name, addTree({file(name)})));
    }
    SegmentedTree large{bits, {}};
    for (const auto& part : parts) large.segments.push_back({addTree(part, true), part.size()});
    EXPECT_EQ(walk(folder("", chunks.add(encodeSegmented(large)))).size(), 20U * 3);
    EXPECT_EQ(chunks.unexpected, 1);
}

}  // namespace
}  // namespace coffer
