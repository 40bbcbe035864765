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
    if (auto* nodes = std::get_if<std::vector<TreeNode>>(&content)) {
        frame->nodes = std::move(*nodes);
    } else {
        frame->segments = std::move(std::get<SegmentedTree>(content).segments);
    }
    frames_.push_back(std::move(frame));
}

// False when the folder has nothing more to give.
bool TreeWalk::fill(Frame& frame) {
    while (frame.at == frame.nodes.size()) {
        if (frame.segmentAt == frame.segments.size()) return false;
        const TreeSegment& segment = frame.segments[frame.segmentAt++];
        if (segment.entries == 0) continue;
        TreeContent content = decodeTree(chunks_.read(segment.tree));
        auto* nodes = std::get_if<std::vector<TreeNode>>(&content);
        if (!nodes) throw Error(ErrorCode::corrupt, "tree: a segment that is cut into segments");
        frame.nodes = std::move(*nodes);
        frame.at = 0;
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
