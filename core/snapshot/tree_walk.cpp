#include "core/snapshot/tree_walk.h"

#include "core/base/error.h"

namespace coffer {

TreeWalk::TreeWalk(ChunkSource& chunks, const TreeNode& root) : chunks_(chunks) {
    if (root.tree) enter(root);
}

void TreeWalk::enter(const TreeNode& folder) {
    auto frame = std::make_unique<Frame>();
    frame->pathLength = path_.size();
    TreeContent content = decodeTree(chunks_.read(*folder.tree));
    if (auto* entries = std::get_if<TreeEntries>(&content)) {
        if (entries->isSegment) {
            throw Error(ErrorCode::corrupt, "tree: a segment in place of a folder");
        }
        frame->nodes = std::move(entries->nodes);
        expectBelow(frame->nodes);
    } else {
        frame->large = std::move(std::get<SegmentedTree>(content));
        std::vector<ChunkId> segments;
        for (const TreeSegment& segment : frame->large.segments) segments.push_back(segment.tree);
        chunks_.expect(segments);
    }
    frames_.push_back(std::move(frame));
}

void TreeWalk::expectBelow(const std::vector<TreeNode>& nodes) {
    std::vector<ChunkId> trees;
    for (const TreeNode& node : nodes) {
        if (node.isFolder() && node.tree) trees.push_back(*node.tree);
    }
    chunks_.expect(trees);
}

// False when the folder has nothing more to give.
bool TreeWalk::fill(Frame& frame) {
    while (frame.at == frame.nodes.size()) {
        if (frame.segmentAt == frame.large.segments.size()) return false;
        const std::size_t number = frame.segmentAt++;
        const Bytes data = chunks_.read(frame.large.segments[number].tree);
        frame.nodes = decodeSegment(frame.large, number, data);
        frame.at = 0;
        expectBelow(frame.nodes);
    }
    return true;
}

bool TreeWalk::next() {
    if (enter_) {
        enter_ = false;
        enter(*node_);
    }
    if (frames_.empty()) return false;
    Frame& frame = *frames_.back();
    path_.resize(frame.pathLength);
    if (!fill(frame)) {
        frames_.pop_back();
        if (frames_.empty()) return false;
        Frame& outer = *frames_.back();
        node_ = &outer.nodes[outer.at - 1];
        leaving_ = true;
        return true;
    }
    node_ = &frame.nodes[frame.at++];
    leaving_ = false;
    if (!path_.empty()) path_ += '/';
    path_ += node_->name;
    enter_ = node_->isFolder() && node_->tree;
    return true;
}

}  // namespace coffer
