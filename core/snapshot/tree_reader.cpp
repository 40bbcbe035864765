#include "core/snapshot/tree_reader.h"

#include <algorithm>

#include "core/base/error.h"

namespace coffer {

namespace {

std::vector<TreeNode> nodesOf(TreeContent content) {
    if (auto* nodes = std::get_if<std::vector<TreeNode>>(&content)) return std::move(*nodes);
    throw Error(ErrorCode::corrupt, "tree: a segment that is cut into segments");
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
        all(nodesOf(std::move(content)));
        return;
    }
    for (const TreeSegment& segment : segmented->segments) {
        if (segment.entries == 0) continue;
        if (!all(nodesOf(decodeTree(chunks.read(segment.tree))))) return;
    }
}

std::optional<TreeNode> findNode(ChunkSource& chunks, const ChunkId& tree,
                                 const std::string& name) {
    TreeContent content = decodeTree(chunks.read(tree));
    if (const auto* segmented = std::get_if<SegmentedTree>(&content)) {
        const TreeSegment& segment = segmented->segments[segmentOf(name, segmented->bits)];
        if (segment.entries == 0) return {};
        content = decodeTree(chunks.read(segment.tree));
    }
    std::vector<TreeNode> nodes = nodesOf(std::move(content));
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
        if (!next) throw Error(ErrorCode::notFound, "no " + path + " in this snapshot");
        node = std::move(*next);
    }
    return node;
}

}  // namespace coffer
