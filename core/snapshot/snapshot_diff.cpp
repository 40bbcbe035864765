#include "core/snapshot/snapshot_diff.h"

#include <utility>

#include "core/base/error.h"
#include "core/snapshot/folder_parts.h"

namespace coffer {

namespace {

std::string join(const std::string& folder, const std::string& name) {
    return folder.empty() ? name : folder + "/" + name;
}

// How two entries of one name differ, or nothing; what folders hold is not looked at.
std::optional<Change> compare(const TreeNode& before, const TreeNode& after) {
    if (before.attributes.type != after.attributes.type) return Change::type;
    if (before.content != after.content || before.attributes.size != after.attributes.size ||
        before.attributes.linkTarget != after.attributes.linkTarget) {
        return Change::content;
    }
    TreeNode a = before;
    TreeNode b = after;
    a.tree = b.tree = {};
    // The numbers of a hard-link group mean nothing outside of one snapshot.
    a.attributes.hardLink = b.attributes.hardLink = {};
    if (a != b) return Change::attributes;
    return {};
}

}  // namespace

std::string_view nameOf(Change change) {
    switch (change) {
        case Change::added:
            return "added";
        case Change::removed:
            return "removed";
        case Change::content:
            return "content";
        case Change::attributes:
            return "attributes";
        case Change::type:
            return "type";
    }
    return "unknown";
}

/// A folder that is in both trees, and how far it has been compared.
struct SnapshotDiff::Frame {
    std::string path;
    FolderParts before;
    FolderParts after;
    unsigned bits = 0;
    std::uint32_t nextPart = 0;

    // Of the present part, by name.
    std::vector<TreeNode> old;
    std::vector<TreeNode> now;
    std::size_t oldAt = 0;
    std::size_t nowAt = 0;

    bool partDone() const { return oldAt == old.size() && nowAt == now.size(); }

    /// False when there is no further part.
    bool load(ChunkSource& chunks) {
        old.clear();
        now.clear();
        oldAt = nowAt = 0;
        while (nextPart < std::uint32_t{1} << bits) {
            const std::uint32_t part = nextPart++;
            const auto chunk = before.chunkOf(part, bits);
            if (chunk && chunk == after.chunkOf(part, bits)) continue;
            // Both or none: half a part would look like entries that were added or removed.
            std::vector<TreeNode> nodes = before.part(chunks, part, bits);
            now = after.part(chunks, part, bits);
            old = std::move(nodes);
            oldAt = nowAt = 0;
            return true;
        }
        return false;
    }
};

SnapshotDiff::SnapshotDiff(ChunkSource& chunks, const TreeNode& before, const TreeNode& after)
    : chunks_(chunks), toEnter_(Pair{"", before, after}) {}

SnapshotDiff::~SnapshotDiff() = default;

bool SnapshotDiff::next() {
    enter();
    if (walk_ && nextInWalk()) return true;
    while (!frames_.empty()) {
        Frame& frame = *frames_.back();
        if (!frame.partDone()) {
            if (nextInFrame(frame)) return true;
        } else if (!frame.load(chunks_)) {
            frames_.pop_back();
        }
    }
    return false;
}

// False at the end of what was added or removed whole.
bool SnapshotDiff::nextInWalk() {
    while (walk_->next()) {
        if (walk_->leaving()) continue;
        change_ = walkChange_;
        path_ = join(walkPath_, walk_->path());
        node_ = &walk_->node();
        return true;
    }
    walk_.reset();
    return false;
}

// Takes the next name of the part; false when there is nothing to say about it.
bool SnapshotDiff::nextInFrame(Frame& frame) {
    const bool hasOld = frame.oldAt < frame.old.size();
    const bool hasNow = frame.nowAt < frame.now.size();
    const int order = !hasOld   ? 1
                      : !hasNow ? -1
                                : frame.old[frame.oldAt].name.compare(frame.now[frame.nowAt].name);
    if (order > 0) return give(frame.path, Change::added, std::move(frame.now[frame.nowAt++]));
    if (order < 0) return give(frame.path, Change::removed, std::move(frame.old[frame.oldAt++]));
    TreeNode old = std::move(frame.old[frame.oldAt++]);
    own_ = std::move(frame.now[frame.nowAt++]);
    const std::optional<Change> change = compare(old, own_);
    if (change) change_ = *change;
    node_ = &own_;
    path_ = join(frame.path, own_.name);
    if (change == Change::type) {
        if (old.isFolder()) walkLater(Change::removed, old);
        if (own_.isFolder()) walkLater(Change::added, own_);
    } else if (old.isFolder() && old.tree != own_.tree) {
        toEnter_ = Pair{path_, std::move(old), own_};
        if (!change) enter();
    }
    return change.has_value();
}

bool SnapshotDiff::give(const std::string& folder, Change change, TreeNode node) {
    change_ = change;
    own_ = std::move(node);
    node_ = &own_;
    path_ = join(folder, own_.name);
    walkLater(change, own_);
    return true;
}

void SnapshotDiff::walkLater(Change change, const TreeNode& folder) {
    if (!folder.tree) return;
    toWalk_ = folder;
    walkChange_ = change;
}

// Into what next() gave last: not at once, so that a folder that cannot be read is given itself.
void SnapshotDiff::enter() {
    if (const auto folder = std::exchange(toWalk_, std::nullopt)) {
        walkPath_ = path_;
        walk_ = std::make_unique<TreeWalk>(chunks_, *folder);
    }
    if (!toEnter_) return;
    const Pair pair = *std::exchange(toEnter_, std::nullopt);
    if (pair.before.tree == pair.after.tree) return;
    auto frame = std::make_unique<Frame>();
    frame->path = pair.path;
    frame->before = FolderParts(chunks_, pair.before.tree);
    frame->after = FolderParts(chunks_, pair.after.tree);
    frame->bits = std::max(frame->before.bits(), frame->after.bits());
    frames_.push_back(std::move(frame));
}

}  // namespace coffer
