#include "core/snapshot/tree_reader.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::size_t shownPath = 1'000;  // octets that an error repeats

std::vector<TreeNode> wholeFolder(TreeContent& content) {
    auto& entries = std::get<TreeEntries>(content);
    if (entries.isSegment) throw Error(ErrorCode::corrupt, "tree: a segment in place of a folder");
    return std::move(entries.nodes);
}

}  // namespace

void forEachNode(ChunkSource& chunks, const ChunkId& tree,
                 const std::function<bool(TreeNode&&)>& each) {
    const auto all = [&](std::vector<TreeNode> nodes) {
        return std::ranges::all_of(nodes, [&](TreeNode& node) { return each(std::move(node)); });
    };
    TreeContent content = decodeTree(chunks.read(tree));
    const auto* segmented = std::get_if<SegmentedTree>(&content);
    if (!segmented) {
        all(wholeFolder(content));
        return;
    }
    for (std::size_t i = 0; i < segmented->segments.size(); ++i) {
        if (!all(decodeSegment(*segmented, i, chunks.read(segmented->segments[i].tree)))) return;
    }
}

std::optional<TreeNode> findNode(ChunkSource& chunks, const ChunkId& tree,
                                 const std::string& name) {
    TreeContent content = decodeTree(chunks.read(tree));
    std::vector<TreeNode> nodes;
    if (const auto* segmented = std::get_if<SegmentedTree>(&content)) {
        const std::size_t number = segmentOf(name, segmented->bits);
        nodes = decodeSegment(*segmented, number, chunks.read(segmented->segments[number].tree));
    } else {
        nodes = wholeFolder(content);
    }
    const auto found = std::ranges::lower_bound(nodes, name, {}, &TreeNode::name);
    if (found == nodes.end() || found->name != name) return {};
    return std::move(*found);
}

TreeNode nodeAt(ChunkSource& chunks, const TreeNode& root, const std::string& path) {
    TreeNode node = root;
    std::size_t at = 0;
    while (at < path.size()) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string part = path.substr(at, end - at);
        at = end + 1;
        if (part.empty()) continue;
        std::optional<TreeNode> next;
        if (node.tree) next = findNode(chunks, *node.tree, part);
        if (!next) {
            throw Error(ErrorCode::notFound,
                        "no " + printable(path.substr(0, shownPath)) + " in this snapshot");
        }
        node = std::move(*next);
    }
    return node;
}

}  // namespace coffer
