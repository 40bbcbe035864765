#include "core/pipeline/named_chunks.h"

#include "core/snapshot/content_list.h"
#include "core/snapshot/tree.h"

namespace coffer {

namespace {

void addNamed(const TreeEntries& entries, std::vector<ChunkId>& named) {
    for (const TreeNode& node : entries.nodes) {
        node.forEachReference([&](const ChunkId& id) { named.push_back(id); });
    }
}

void addNamed(const SegmentedTree& tree, std::vector<ChunkId>& named) {
    for (const TreeSegment& segment : tree.segments) named.push_back(segment.tree);
}

}  // namespace

std::vector<ChunkId> namedChunks(ChunkKind kind, ByteView content) {
    std::vector<ChunkId> named;
    if (kind == ChunkKind::tree) {
        std::visit([&](const auto& tree) { addNamed(tree, named); }, decodeTree(content));
    } else if (kind == ChunkKind::list) {
        for (const Extent& item : ContentList::decode(content).items) {
            if (item.chunk) named.push_back(*item.chunk);
        }
    }
    return named;
}

}  // namespace coffer
