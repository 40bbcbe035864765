#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/snapshot/tree_node.h"

namespace coffer {

/// A segment of a large folder.
struct TreeSegment {
    ChunkId tree;
    std::uint64_t entries = 0;
};

/// A folder cut into 2^bits segments by segmentOf(name).
struct SegmentedTree {
    unsigned bits = 0;
    std::vector<TreeSegment> segments;
};

/// The entries of a folder, or of one segment of it, in ascending order of names.
struct TreeEntries {
    bool isSegment = false;
    std::vector<TreeNode> nodes;
};

/// What a tree chunk holds.
using TreeContent = std::variant<TreeEntries, SegmentedTree>;

/// Throws Error(corrupt), (unsupported).
TreeContent decodeTree(ByteView data);

/// Whether decodeTree would give a SegmentedTree, or fail.
bool isSegmentedTree(ByteView data);

/// The entries of segment `number` of `tree`, which is what that segment's chunk holds. Throws
/// Error(corrupt) when it is none, or its entries are not those that belong there.
std::vector<TreeNode> decodeSegment(const SegmentedTree& tree, std::size_t number, ByteView data);

/// Encodes a folder, or a segment of one, from its nodes' own encodings in ascending order of
/// names.
class TreeEncoder {
  public:
    explicit TreeEncoder(bool isSegment);
    void add(ByteView node);
    Bytes finish();

  private:
    Bytes nodes_;
    std::uint64_t count_ = 0;
    bool isSegment_;
};

Bytes encodeSegmented(const SegmentedTree& tree);

/// Which of 2^bits segments an entry belongs to: the top bits of SHA-256(name).
std::uint32_t segmentOf(std::string_view name, unsigned bits);

/// The number of bits that a folder with so many entries is cut by; 0 for one that stays whole.
unsigned segmentBits(std::uint64_t entries);

}  // namespace coffer
