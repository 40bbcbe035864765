#include "core/snapshot/tree.h"

#include <gtest/gtest.h>

#include <set>

#include "core/base/wire.h"
#include "core/snapshot/tree_format.h"
#include "tests/core/snapshot/memory_chunks.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

namespace format = tree_format;

TreeNode fileNamed(const std::string& name) {
    TreeNode node;
    node.name = name;
    return node;
}

Bytes treeOf(const std::vector<std::string>& names, bool isSegment = false) {
    TreeEncoder encoder(isSegment);
    for (const std::string& name : names) encoder.add(fileNamed(name).encode());
    return encoder.finish();
}

std::vector<std::string> namesIn(ByteView tree) {
    std::vector<std::string> names;
    const auto entries = std::get<TreeEntries>(decodeTree(tree));
    for (const TreeNode& node : entries.nodes) names.push_back(node.name);
    return names;
}

void expectRefused(ErrorCode code, const Bytes& data) {
    SCOPED_TRACE(toHex(data));
    expectError(code, [&] { decodeTree(data); });
}

TEST(Tree, EntriesComeBack) {
    // Ordered as octets, whatever a language makes of them.
    const std::vector<std::string> names{"\x01", " ",    "A",    "B",    "a",       "aa",
                                         "b",    "\x7f", "\x80", "\xff", "\xff\xff"};
    EXPECT_EQ(namesIn(treeOf(names)), names);
    EXPECT_EQ(namesIn(treeOf(names, true)), names);
    EXPECT_TRUE(namesIn(treeOf({})).empty());
}

TEST(Tree, TellsAFolderFromASegment) {
    EXPECT_FALSE(std::get<TreeEntries>(decodeTree(treeOf({"a"}, false))).isSegment);
    EXPECT_TRUE(std::get<TreeEntries>(decodeTree(treeOf({"a"}, true))).isSegment);
}

TEST(Tree, KeepsNodesWhole) {
    TreeNode node = fileNamed("a");
    node.attributes.size = 5;
    node.attributes.mode = 0640;
    node.content.extents = {{5, chunkNumber(1)}};
    TreeEncoder encoder(false);
    encoder.add(node.encode());
    EXPECT_EQ(std::get<TreeEntries>(decodeTree(encoder.finish())).nodes, std::vector{node});
}

TEST(Tree, MoreEntriesThanASegmentComeBack) {
    std::vector<std::string> names;
    for (int i = 100'000; i < 105'000; ++i) names.push_back(std::to_string(i));
    EXPECT_EQ(namesIn(treeOf(names)), names);
}

TEST(Tree, RefusesEntriesOutOfOrder) {
    expectRefused(ErrorCode::corrupt, treeOf({"b", "a"}));
    expectRefused(ErrorCode::corrupt, treeOf({"a", "c", "b"}));
    expectRefused(ErrorCode::corrupt, treeOf({"\x80", "a"}));
    expectRefused(ErrorCode::corrupt, treeOf({"a", "a"}));
    expectRefused(ErrorCode::corrupt, treeOf({""}));
    expectRefused(ErrorCode::corrupt, treeOf({"", "a"}));
}

TEST(Tree, RefusesACountThatLies) {
    Bytes tree = treeOf({"a", "b"});
    ASSERT_EQ(tree[2], 2);
    for (const std::uint8_t count : Bytes{0, 1, 3, 127}) {
        tree[2] = count;
        expectRefused(ErrorCode::corrupt, tree);
    }
    WireWriter writer;
    writer.raw(Bytes{1, 0});
    writer.varint(~0ULL);
    expectRefused(ErrorCode::corrupt, writer.bytes());
}

TEST(Tree, RefusesWhatIsCutShortOrTooLong) {
    Bytes tree = treeOf({"a", "b"});
    for (std::size_t size = 0; size < tree.size(); ++size) {
        expectError(ErrorCode::corrupt, [&] { decodeTree(ByteView(tree).first(size)); });
    }
    tree.push_back(0);
    expectRefused(ErrorCode::corrupt, tree);
}

TEST(Tree, RefusesUnknownFormsAndOtherFormats) {
    expectRefused(ErrorCode::unsupported, {0, 0, 0});
    expectRefused(ErrorCode::unsupported, {2, 0, 0});
    expectRefused(ErrorCode::corrupt, {1, 3, 0});
}

TEST(SegmentedTree, SegmentsComeBack) {
    for (const unsigned bits : {0U, 1U, 5U, 12U}) {
        SegmentedTree tree;
        tree.bits = bits;
        for (std::uint64_t i = 0; i < std::uint64_t{1} << bits; ++i) {
            tree.segments.push_back({chunkNumber(i), i * i});
        }
        const auto decoded = std::get<SegmentedTree>(decodeTree(encodeSegmented(tree)));
        EXPECT_EQ(decoded.bits, bits);
        ASSERT_EQ(decoded.segments.size(), tree.segments.size());
        for (std::size_t i = 0; i < tree.segments.size(); ++i) {
            EXPECT_EQ(decoded.segments[i].tree, tree.segments[i].tree);
            EXPECT_EQ(decoded.segments[i].entries, tree.segments[i].entries);
        }
    }
}

TEST(SegmentedTree, RefusesANumberOfSegmentsThatLies) {
    SegmentedTree tree{2, std::vector<TreeSegment>(4, {chunkNumber(1), 1})};
    const Bytes honest = encodeSegmented(tree);
    for (const std::uint8_t bits : Bytes{0, 1, 3, 18, 19, 63, 64, 255}) {
        Bytes data = honest;
        data[2] = bits;
        expectRefused(ErrorCode::corrupt, data);
    }
    tree.segments.pop_back();
    expectRefused(ErrorCode::corrupt, encodeSegmented(tree));
    tree.segments.resize(5);
    expectRefused(ErrorCode::corrupt, encodeSegmented(tree));
}

TEST(SegmentedTree, TakesTheSegmentThatBelongsThereAndNoOther) {
    // By their hashes "a" (ca…) and "abc" (ba…) belong into segment 1, "b" (3e…) into 0.
    const SegmentedTree tree{1, {{chunkNumber(1), 1}, {chunkNumber(2), 2}}};
    EXPECT_EQ(decodeSegment(tree, 0, treeOf({"b"}, true)).size(), 1U);
    EXPECT_EQ(decodeSegment(tree, 1, treeOf({"a", "abc"}, true)).size(), 2U);
    const auto refused = [&](std::size_t number, const Bytes& data) {
        expectError(ErrorCode::corrupt, [&] { decodeSegment(tree, number, data); });
    };
    refused(1, treeOf({"a", "abc"}, false));  // a folder
    refused(1, treeOf({"a"}, true));          // an entry is missing
    refused(0, treeOf({}, true));             //
    refused(0, treeOf({"a"}, true));          // of another segment
    refused(1, treeOf({"a", "b"}, true));     //
    refused(0, encodeSegmented(tree));        // cut into segments again
}

// The place of an entry is for ever: printf name | sha256sum begins with these octets.
TEST(SegmentOf, TakesTheTopBitsOfTheNamesHash) {
    // SHA-256 of "abc" is ba7816bf…
    EXPECT_EQ(segmentOf("abc", 0), 0U);
    EXPECT_EQ(segmentOf("abc", 1), 1U);
    EXPECT_EQ(segmentOf("abc", 4), 0xbU);
    EXPECT_EQ(segmentOf("abc", 12), 0xba7U);
    EXPECT_EQ(segmentOf("abc", 20), 0xba781U);
    EXPECT_EQ(segmentOf("abc", 32), 0xba7816bfU);
    EXPECT_EQ(segmentOf("", 8), 0xe3U);
}

TEST(SegmentOf, SpreadsNamesOverAllSegments) {
    std::vector<int> counts(16);
    for (int i = 0; i < 16'000; ++i) ++counts.at(segmentOf("file-" + std::to_string(i), 4));
    for (const int count : counts) {
        EXPECT_GT(count, 800);
        EXPECT_LT(count, 1200);
    }
}

TEST(SegmentBits, GrowWithTheFolder) {
    EXPECT_EQ(segmentBits(0), 0U);
    EXPECT_EQ(segmentBits(format::segmentEntries), 0U);
    EXPECT_EQ(segmentBits(format::segmentEntries + 1), 1U);
    EXPECT_EQ(segmentBits(2 * format::segmentEntries), 1U);
    EXPECT_EQ(segmentBits(2 * format::segmentEntries + 2), 2U);
    EXPECT_EQ(segmentBits(1'000'000), 9U);
    EXPECT_EQ(segmentBits(~0ULL), format::segmentBitsLimit);
    const std::uint64_t most = format::segmentEntries << format::segmentBitsLimit;
    for (std::uint64_t entries = 1; entries < most; entries = entries * 3 + 1) {
        const unsigned bits = segmentBits(entries);
        EXPECT_LE(entries >> bits, format::segmentEntries) << entries;
        EXPECT_LE(bits, segmentBits(entries + 1));
    }
}

}  // namespace
}  // namespace coffer
