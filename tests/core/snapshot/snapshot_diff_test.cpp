#include "core/snapshot/snapshot_diff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "core/snapshot/tree.h"
#include "tests/core/snapshot/memory_chunks.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

class Comparing : public testing::Test {
  protected:
    static TreeNode file(const std::string& name, std::uint64_t size) {
        TreeNode node;
        node.name = name;
        node.attributes.size = size;
        if (size > 0) node.content.extents = {{size, chunkNumber(size)}};
        return node;
    }

    TreeNode folder(const std::string& name, std::vector<TreeNode> entries) {
        std::ranges::sort(entries, {}, &TreeNode::name);
        TreeEncoder encoder(false);
        for (const TreeNode& entry : entries) encoder.add(entry.encode());
        return folderOf(name, chunks.add(encoder.finish()));
    }

    // In 2^bits segments.
    TreeNode large(const std::string& name, std::vector<TreeNode> entries, unsigned bits) {
        std::ranges::sort(entries, {}, &TreeNode::name);
        SegmentedTree tree{bits, {}};
        for (std::uint32_t number = 0; number < 1U << bits; ++number) {
            TreeEncoder encoder(true);
            std::uint64_t count = 0;
            for (const TreeNode& entry : entries) {
                if (segmentOf(entry.name, bits) != number) continue;
                encoder.add(entry.encode());
                ++count;
            }
            tree.segments.push_back({chunks.add(encoder.finish()), count});
        }
        return folderOf(name, chunks.add(encodeSegmented(tree)));
    }

    static TreeNode folderOf(const std::string& name, const ChunkId& tree) {
        TreeNode node;
        node.name = name;
        node.attributes.type = EntryType::folder;
        node.tree = tree;
        return node;
    }

    std::vector<std::string> differences(const TreeNode& before, const TreeNode& after) {
        SnapshotDiff diff(chunks, before, after);
        std::vector<std::string> lines;
        for (bool more = true; more;) {
            try {
                more = diff.next();
                if (!more) continue;
                lines.push_back(std::string(nameOf(diff.change())) + " " + diff.path());
                EXPECT_TRUE(diff.path().ends_with(diff.node().name));
            } catch (const Error& error) {
                lines.emplace_back(nameOf(error.code()));
            }
        }
        return lines;
    }

    using Lines = std::vector<std::string>;
    MemoryChunks chunks;
};

TEST_F(Comparing, tellsWhatHappenedByPath) {
    TreeNode touched = file("touched", 5);
    touched.attributes.mtime.seconds = 9;
    const TreeNode before = folder("", {file("gone", 1), file("grown", 1), file("same", 1),
                                        file("touched", 5), file("turned", 1)});
    const TreeNode after = folder(
        "", {file("grown", 2), file("new", 1), file("same", 1), touched, folder("turned", {})});
    EXPECT_EQ(differences(before, after), (Lines{"removed gone", "content grown", "added new",
                                                 "attributes touched", "type turned"}));
    EXPECT_EQ(differences(before, before), Lines{});
}

TEST_F(Comparing, givesWholeFoldersWithAllTheyHold) {
    const TreeNode full = folder("full", {file("a", 1), folder("deep", {file("b", 2)})});
    const TreeNode with = folder("", {file("z", 1), full});
    const TreeNode without = folder("", {file("z", 1)});
    EXPECT_EQ(differences(without, with),
              (Lines{"added full", "added full/a", "added full/deep", "added full/deep/b"}));
    EXPECT_EQ(differences(with, without), (Lines{"removed full", "removed full/a",
                                                 "removed full/deep", "removed full/deep/b"}));
}

TEST_F(Comparing, givesWhatWasInAFolderThatBecameAFile) {
    const TreeNode full = folder("turned", {file("a", 1), folder("deep", {file("b", 2)})});
    const TreeNode with = folder("", {full, file("z", 1)});
    const TreeNode without = folder("", {file("turned", 7), file("z", 2)});
    EXPECT_EQ(differences(with, without),
              (Lines{"type turned", "removed turned/a", "removed turned/deep",
                     "removed turned/deep/b", "content z"}));
    EXPECT_EQ(differences(without, with),
              (Lines{"type turned", "added turned/a", "added turned/deep", "added turned/deep/b",
                     "content z"}));
}

TEST_F(Comparing, readsNothingThatIsTheSame) {
    const TreeNode same = folder("same", {file("a", 1)});
    const TreeNode before = folder("", {same, folder("home", {file("x", 1)})});
    const TreeNode after = folder("", {same, folder("home", {file("x", 2)})});
    EXPECT_EQ(differences(before, after), Lines{"content home/x"});
    EXPECT_EQ(chunks.reads(), 4U);  // two roots, two homes
}

TEST_F(Comparing, comparesLargeFoldersPartByPart) {
    std::vector<TreeNode> many;
    for (int i = 100; i < 200; ++i) many.push_back(file("x" + std::to_string(i), 1));
    std::vector<TreeNode> changed = many;
    changed[50] = file("x150", 2);
    changed.push_back(file("y", 1));
    for (const auto& [left, right] : {std::pair{0U, 3U}, {3U, 0U}, {3U, 3U}, {1U, 4U}}) {
        const auto cut = [&](const std::vector<TreeNode>& nodes, unsigned bits) {
            return bits == 0 ? folder("", nodes) : large("", nodes, bits);
        };
        Lines lines = differences(cut(many, left), cut(changed, right));
        std::ranges::sort(lines);
        EXPECT_EQ(lines, (Lines{"added y", "content x150"})) << left << " and " << right;
    }
    // Two lists, and two segments that differ (maybe one).
    const std::size_t reads = chunks.reads();
    differences(large("", many, 3), large("", changed, 3));
    EXPECT_LE(chunks.reads() - reads, 2U + 4U);
}

TEST_F(Comparing, goesOnBehindWhatCannotBeRead) {
    const TreeNode lost = folderOf("lost", chunkNumber(99));
    const TreeNode before = folder("", {folder("lost", {}), file("z", 1)});
    const TreeNode after = folder("", {lost, file("z", 2)});
    EXPECT_EQ(differences(before, after), (Lines{"not-found", "content z"}));
    const TreeNode added = folder("", {lost, file("z", 1), folderOf("more", chunkNumber(98))});
    EXPECT_EQ(differences(folder("", {file("z", 1)}), added),
              (Lines{"added lost", "not-found", "added more", "not-found"}));
}

TEST_F(Comparing, foldersWithoutATreeHoldNothing) {
    TreeNode unread = folder("f", {});
    unread.tree.reset();
    EXPECT_EQ(differences(folder("", {unread}), folder("", {folder("f", {file("a", 1)})})),
              Lines{"added f/a"});
}

}  // namespace
}  // namespace coffer
