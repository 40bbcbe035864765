#include "core/snapshot/tree_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/snapshot/memory_chunks.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

TreeNode nodeOf(EntryType type, const std::string& name) {
    TreeNode node;
    node.name = name;
    node.attributes.type = type;
    return node;
}

class TreeReader : public testing::Test {
  protected:
    ChunkId addTree(std::vector<TreeNode> nodes, bool isSegment = false) {
        std::ranges::sort(nodes, {}, &TreeNode::name);
        TreeEncoder encoder(isSegment);
        for (const TreeNode& node : nodes) encoder.add(node.encode());
        return chunks_.add(encoder.finish());
    }

    ChunkId addWhole(const std::vector<std::string>& names) { return addTree(files(names)); }

    ChunkId addSegmented(const std::vector<std::string>& names, unsigned bits) {
        std::vector<std::vector<std::string>> parts(std::size_t{1} << bits);
        for (const std::string& name : names) parts[segmentOf(name, bits)].push_back(name);
        SegmentedTree tree{bits, {}};
        for (const auto& part : parts) {
            tree.segments.push_back({addTree(files(part), true), part.size()});
        }
        return chunks_.add(encodeSegmented(tree));
    }

    std::vector<std::string> namesIn(const ChunkId& tree) {
        std::vector<std::string> names;
        forEachNode(chunks_, tree, [&](TreeNode&& node) {
            names.push_back(node.name);
            return true;
        });
        return names;
    }

    static std::vector<TreeNode> files(const std::vector<std::string>& names) {
        std::vector<TreeNode> nodes;
        for (const std::string& name : names) nodes.push_back(nodeOf(EntryType::file, name));
        return nodes;
    }

    static std::vector<std::string> manyNames(int count) {
        std::vector<std::string> names;
        for (int i = 0; i < count; ++i) names.push_back("file-" + std::to_string(1000 + i));
        return names;
    }

    MemoryChunks chunks_;
};

TEST_F(TreeReader, GivesTheEntriesOfAWholeFolderByName) {
    EXPECT_EQ(namesIn(addWhole({"c", "a", "b"})), (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_TRUE(namesIn(addWhole({})).empty());
}

TEST_F(TreeReader, GivesTheEntriesOfASegmentedFolderOnce) {
    const auto names = manyNames(500);
    for (const unsigned bits : {0U, 3U, 10U}) {
        auto found = namesIn(addSegmented(names, bits));
        std::ranges::sort(found);
        EXPECT_EQ(found, names);
    }
}

TEST_F(TreeReader, StopsWhereTheCallerWantsTo) {
    for (const ChunkId& tree : {addWhole(manyNames(100)), addSegmented(manyNames(100), 3)}) {
        for (const int last : {1, 50}) {
            int calls = 0;
            forEachNode(chunks_, tree, [&](TreeNode&&) { return ++calls < last; });
            EXPECT_EQ(calls, last);
        }
    }
}

TEST_F(TreeReader, FindsEveryEntryAndNoOther) {
    const auto names = manyNames(200);
    for (const ChunkId& tree : {addWhole(names), addSegmented(names, 0), addSegmented(names, 4),
                                addSegmented(names, 9)}) {
        for (const std::string& name : names) {
            const auto found = findNode(chunks_, tree, name);
            ASSERT_TRUE(found);
            EXPECT_EQ(found->name, name);
        }
        for (const char* name : {"", "file-", "file-10000", "a", "z", "FILE-1000"}) {
            EXPECT_FALSE(findNode(chunks_, tree, name)) << name;
        }
    }
}

TEST_F(TreeReader, ReadsOneSegmentToFindAnEntry) {
    const ChunkId tree = addSegmented(manyNames(200), 4);
    const std::size_t before = chunks_.reads();
    findNode(chunks_, tree, "file-1007");
    EXPECT_EQ(chunks_.reads() - before, 2U);
}

TEST_F(TreeReader, WalksPaths) {
    TreeNode inner = nodeOf(EntryType::folder, "inner");
    inner.tree = addSegmented(manyNames(100), 3);
    TreeNode outer = nodeOf(EntryType::folder, "outer");
    outer.tree = addTree({inner, nodeOf(EntryType::file, "file")});
    TreeNode lost = nodeOf(EntryType::folder, "lost");  // nothing of it could be read
    TreeNode root = nodeOf(EntryType::folder, "");
    root.tree = addTree({outer, lost});

    EXPECT_EQ(nodeAt(chunks_, root, "/"), root);
    EXPECT_EQ(nodeAt(chunks_, root, ""), root);
    EXPECT_EQ(nodeAt(chunks_, root, "/outer"), outer);
    EXPECT_EQ(nodeAt(chunks_, root, "/outer/inner/"), inner);
    EXPECT_EQ(nodeAt(chunks_, root, "//outer//inner/file-1099").name, "file-1099");
    EXPECT_EQ(nodeAt(chunks_, root, "/lost"), lost);
    for (const char* path : {"/none", "/outer/none", "/outer/file/x", "/lost/x", "/outer/.",
                             "/outer/..", "/outer/inner/file-9999"}) {
        expectError(
            ErrorCode::notFound, [&] { nodeAt(chunks_, root, path); }, path);
    }
}

TEST_F(TreeReader, RefusesTreesInTheWrongPlace) {
    const auto refused = [&](const ChunkId& tree) {
        expectError(ErrorCode::corrupt, [&] { namesIn(tree); });
        expectError(ErrorCode::corrupt, [&] { findNode(chunks_, tree, "a"); });
    };
    const auto folderOf = [&](const ChunkId& segment, std::uint64_t entries) {
        return chunks_.add(encodeSegmented({0, {{segment, entries}}}));
    };
    const ChunkId segment = addTree(files({"a"}), true);
    EXPECT_EQ(namesIn(folderOf(segment, 1)), std::vector<std::string>{"a"});
    refused(segment);
    refused(folderOf(segment, 0));
    refused(folderOf(segment, 2));
    refused(folderOf(addWhole({"a"}), 1));
    refused(folderOf(folderOf(segment, 1), 1));
}

TEST_F(TreeReader, RefusesWhatIsNoTree) {
    const ChunkId data = chunks_.add(Bytes(100, 0xee));
    expectError(ErrorCode::unsupported, [&] { namesIn(data); });
    expectError(ErrorCode::unsupported, [&] { findNode(chunks_, data, "a"); });
    expectError(ErrorCode::notFound, [&] { namesIn(chunkNumber(1)); });
}

}  // namespace
}  // namespace coffer
