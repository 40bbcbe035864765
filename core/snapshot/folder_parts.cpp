#include "core/snapshot/folder_parts.h"

#include "core/base/error.h"

namespace coffer {

namespace {

std::vector<TreeNode> wholeFolder(ByteView data) {
    TreeContent content = decodeTree(data);
    auto* entries = std::get_if<TreeEntries>(&content);
    if (!entries || entries->isSegment) {
        throw Error(ErrorCode::corrupt, "tree: a segment in place of a folder");
    }
    return std::move(entries->nodes);
}

}  // namespace

FolderParts::FolderParts(ChunkSource& chunks, const std::optional<ChunkId>& tree) {
    if (!tree) return;
    Bytes data = chunks.read(*tree);
    if (isSegmentedTree(data)) {
        segments_ = std::get<SegmentedTree>(decodeTree(data));
    } else {
        whole_ = std::move(data);
    }
}

std::vector<TreeNode> FolderParts::part(ChunkSource& chunks, std::uint32_t number,
                                        unsigned bits) const {
    std::vector<TreeNode> nodes;
    if (!segments_.segments.empty()) {
        const std::size_t at = segmentAt(number, bits);
        nodes = decodeSegment(segments_, at, chunks.read(segments_.segments[at].tree));
    } else if (!whole_.empty()) {
        nodes = wholeFolder(whole_);
    }
    if (bits > segments_.bits) {
        std::erase_if(nodes,
                      [&](const TreeNode& node) { return segmentOf(node.name, bits) != number; });
    }
    return nodes;
}

std::optional<ChunkId> FolderParts::chunkOf(std::uint32_t number, unsigned bits) const {
    if (segments_.segments.empty()) return {};
    return segments_.segments[segmentAt(number, bits)].tree;
}

}  // namespace coffer
