#include "core/snapshot/tree.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/repository/envelope.h"
#include "core/snapshot/tree_format.h"

namespace coffer {

namespace format = tree_format;

namespace {

std::vector<TreeNode> readNodes(WireReader& reader) {
    std::vector<TreeNode> nodes;
    const std::size_t count = reader.count(2, "number of entries");
    // A node is far larger in memory than its shortest encoding, so the count alone reserves
    // little.
    nodes.reserve(std::min(count, format::segmentEntries));
    for (std::size_t i = 0; i < count; ++i) {
        nodes.push_back(TreeNode::decode(reader.sized(format::nodeLimit)));
        if (i > 0 && nodes[i - 1].name >= nodes[i].name) {
            throw Error(ErrorCode::corrupt, "tree: entries out of order");
        }
        if (nodes[i].name.empty()) throw Error(ErrorCode::corrupt, "tree: an entry with no name");
    }
    return nodes;
}

SegmentedTree readSegments(WireReader& reader) {
    SegmentedTree tree;
    tree.bits = reader.u8();
    if (tree.bits > format::segmentBitsLimit || reader.remaining() / 33 < std::size_t{1}
                                                                              << tree.bits) {
        throw Error(ErrorCode::corrupt, "tree: impossible number of segments");
    }
    for (std::size_t i = 0; i < std::size_t{1} << tree.bits; ++i) {
        const auto id = reader.id<ChunkId>();
        tree.segments.push_back({id, reader.varint()});
    }
    return tree;
}

}  // namespace

TreeContent decodeTree(ByteView data) {
    WireReader reader(data);
    checkVersion(reader.u8(), format::formatVersion);
    const std::uint8_t form = reader.u8();
    TreeContent content;
    if (form == format::wholeForm || form == format::segmentForm) {
        content = TreeEntries{form == format::segmentForm, readNodes(reader)};
    } else if (form == format::segmentedForm) {
        content = readSegments(reader);
    } else {
        throw Error(ErrorCode::corrupt, "tree: unknown form");
    }
    reader.expectEnd();
    return content;
}

bool isSegmentedTree(ByteView data) {
    return data.size() >= 2 && data[1] == format::segmentedForm;
}

std::vector<TreeNode> decodeSegment(const SegmentedTree& tree, std::size_t number, ByteView data) {
    TreeContent content = decodeTree(data);
    auto* entries = std::get_if<TreeEntries>(&content);
    if (!entries || !entries->isSegment ||
        entries->nodes.size() != tree.segments.at(number).entries ||
        !std::ranges::all_of(entries->nodes, [&](const TreeNode& node) {
            return segmentOf(node.name, tree.bits) == number;
        })) {
        throw Error(ErrorCode::corrupt, "tree: not the segment that belongs here");
    }
    return std::move(entries->nodes);
}

TreeEncoder::TreeEncoder(bool isSegment) : isSegment_(isSegment) {}

void TreeEncoder::add(ByteView node) {
    WireWriter writer;
    writer.varint(node.size());
    append(nodes_, writer.bytes());
    append(nodes_, node);
    ++count_;
}

Bytes TreeEncoder::finish() {
    WireWriter writer;
    writer.u8(format::formatVersion);
    writer.u8(isSegment_ ? format::segmentForm : format::wholeForm);
    writer.varint(count_);
    writer.raw(nodes_);
    return writer.take();
}

Bytes encodeSegmented(const SegmentedTree& tree) {
    WireWriter writer;
    writer.u8(format::formatVersion);
    writer.u8(format::segmentedForm);
    writer.u8(static_cast<std::uint8_t>(tree.bits));
    for (const TreeSegment& segment : tree.segments) {
        writer.raw(segment.tree.view());
        writer.varint(segment.entries);
    }
    return writer.take();
}

std::uint32_t segmentOf(std::string_view name, unsigned bits) {
    if (bits == 0) return 0;
    const Digest digest = sha256(bytesOf(name));
    const std::uint32_t word = static_cast<std::uint32_t>(digest.bytes[0]) << 24 |
                               static_cast<std::uint32_t>(digest.bytes[1]) << 16 |
                               static_cast<std::uint32_t>(digest.bytes[2]) << 8 | digest.bytes[3];
    return word >> (32 - bits);
}

unsigned segmentBits(std::uint64_t entries) {
    unsigned bits = 0;
    while (bits < format::segmentBitsLimit && entries >> bits > format::segmentEntries) ++bits;
    return bits;
}

}  // namespace coffer
