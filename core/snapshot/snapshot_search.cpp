#include "core/snapshot/snapshot_search.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/snapshot/folder_parts.h"

namespace coffer {

namespace {

using Numbers = std::vector<std::size_t>;

std::string join(const std::string& folder, const std::string& name) {
    return folder == "/" ? folder + name : folder + "/" + name;
}

// Numbers of a hard-link group mean nothing outside of one snapshot.
bool sameState(const TreeNode& a, const TreeNode& b) {
    TreeNode left = a;
    TreeNode right = b;
    left.attributes.hardLink = right.attributes.hardLink = {};
    return left == right;
}

void addVersion(FoundEntry& entry, TreeNode&& node, const Numbers& snapshots) {
    for (FoundVersion& version : entry.versions) {
        if (!sameState(version.node, node)) continue;
        version.snapshots.insert(version.snapshots.end(), snapshots.begin(), snapshots.end());
        return;
    }
    entry.versions.push_back({std::move(node), snapshots});
}

void sortVersions(FoundEntry& entry) {
    for (FoundVersion& version : entry.versions) std::ranges::sort(version.snapshots);
    std::ranges::sort(entry.versions, {},
                      [](const FoundVersion& version) { return version.snapshots.front(); });
}

}  // namespace

/// A path that is a folder in some snapshots, by what the folder holds there.
struct SnapshotSearch::Folder {
    std::string path;
    std::map<ChunkId, Numbers> trees;
};

/// A folder that is being looked into.
struct SnapshotSearch::Frame {
    std::string path;
    std::vector<std::pair<FolderParts, Numbers>> trees;
    unsigned bits = 0;
    std::uint32_t nextPart = 0;
    std::vector<Folder> deeper;  // of the present part, the next one last
};

SnapshotSearch::SnapshotSearch(ChunkSource& chunks, const std::vector<TreeNode>& roots,
                               SearchCalls calls)
    : chunks_(chunks), calls_(std::move(calls)) {
    Folder top{"/", {}};
    for (std::size_t i = 0; i < roots.size(); ++i) {
        if (roots[i].tree) top.trees[*roots[i].tree].push_back(i);
    }
    auto frame = std::make_unique<Frame>();
    frame->nextPart = 1;  // has no entries of its own
    frame->deeper.push_back(std::move(top));
    frames_.push_back(std::move(frame));
}

SnapshotSearch::~SnapshotSearch() = default;

bool SnapshotSearch::step() {
    while (!frames_.empty()) {
        Frame& frame = *frames_.back();
        if (!frame.deeper.empty()) {
            Folder folder = std::move(frame.deeper.back());
            frame.deeper.pop_back();
            enter(std::move(folder));
        } else if (frame.nextPart < std::uint32_t{1} << frame.bits) {
            look(frame);
            return true;
        } else {
            frames_.pop_back();
        }
    }
    return false;
}

void SnapshotSearch::enter(Folder folder) {
    auto frame = std::make_unique<Frame>();
    frame->path = std::move(folder.path);
    for (auto& [tree, snapshots] : folder.trees) {
        try {
            frame->trees.emplace_back(FolderParts(chunks_, tree), std::move(snapshots));
            frame->bits = std::max(frame->bits, frame->trees.back().first.bits());
        } catch (const Error& error) {
            calls_.damaged(frame->path, error);
        }
    }
    frames_.push_back(std::move(frame));
}

void SnapshotSearch::look(Frame& frame) {
    const std::uint32_t part = frame.nextPart++;
    std::map<std::string, FoundEntry> entries;
    std::map<std::string, Folder, std::greater<>> deeper;
    for (const auto& [tree, snapshots] : frame.trees) {
        std::vector<TreeNode> nodes;
        try {
            nodes = tree.part(chunks_, part, frame.bits);
        } catch (const Error& error) {
            calls_.damaged(frame.path, error);
            continue;
        }
        for (TreeNode& node : nodes) {
            const std::string path = join(frame.path, node.name);
            if (node.tree) {
                Folder& below = deeper.try_emplace(node.name).first->second;
                Numbers& numbers = below.trees[*node.tree];
                numbers.insert(numbers.end(), snapshots.begin(), snapshots.end());
                below.path = path;
            }
            if (calls_.matches(path, node.isFolder())) {
                FoundEntry& entry = entries.try_emplace(node.name).first->second;
                entry.path = path;
                addVersion(entry, std::move(node), snapshots);
            }
        }
    }
    for (auto& [name, below] : deeper) frame.deeper.push_back(std::move(below));
    for (auto& [name, entry] : entries) {
        sortVersions(entry);
        calls_.found(std::move(entry));
    }
}

}  // namespace coffer
