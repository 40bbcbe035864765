#include "management_server/solo/snapshot_search.h"

#include <algorithm>
#include <map>

#include "core/pipeline/selection.h"
#include "core/snapshot/tree_reader.h"

namespace coffer::solo {

namespace {

using Numbers = std::vector<std::size_t>;

/// A path that is a folder in some snapshots, by what the folder holds there.
struct SharedFolder {
    std::string path;
    std::map<ChunkId, Numbers> trees;
};

// Numbers of a hard-link group mean nothing outside of one snapshot.
bool sameState(const TreeNode& a, const TreeNode& b) {
    TreeNode left = a;
    TreeNode right = b;
    left.attributes.hardLink = right.attributes.hardLink = {};
    return left == right;
}

void addVersion(FoundEntry& entry, const TreeNode& node, const Numbers& snapshots) {
    for (FoundVersion& version : entry.versions) {
        if (!sameState(version.node, node)) continue;
        version.snapshots.insert(version.snapshots.end(), snapshots.begin(), snapshots.end());
        return;
    }
    entry.versions.push_back({node, snapshots});
}

void sortVersions(FoundEntry& entry) {
    for (FoundVersion& version : entry.versions) std::ranges::sort(version.snapshots);
    std::ranges::sort(entry.versions, {},
                      [](const FoundVersion& version) { return version.snapshots.front(); });
}

}  // namespace

void searchSnapshots(ChunkSource& chunks, const std::vector<TreeNode>& roots,
                     const SearchCalls& calls, const CancelToken& cancel) {
    std::vector<SharedFolder> waiting{{"/", {}}};
    for (std::size_t i = 0; i < roots.size(); ++i) {
        if (roots[i].tree) waiting.front().trees[*roots[i].tree].push_back(i);
    }
    while (!waiting.empty()) {
        const SharedFolder folder = std::move(waiting.back());
        waiting.pop_back();
        std::map<std::string, FoundEntry> entries;
        std::map<std::string, SharedFolder, std::greater<>> deeper;
        for (const auto& [tree, snapshots] : folder.trees) {
            cancel.check();
            const auto take = [&, &holders = snapshots](TreeNode&& node) {
                const std::string path = joinPath(folder.path, node.name);
                if (node.tree) {
                    SharedFolder& below = deeper.try_emplace(node.name).first->second;
                    Numbers& numbers = below.trees[*node.tree];
                    numbers.insert(numbers.end(), holders.begin(), holders.end());
                    below.path = path;
                }
                if (calls.matches(path, node.isFolder())) {
                    FoundEntry& entry = entries.try_emplace(node.name).first->second;
                    entry.path = path;
                    addVersion(entry, node, holders);
                }
                return true;
            };
            try {
                forEachNode(chunks, tree, take);
            } catch (const Error& error) {
                if (error.code() == ErrorCode::cancelled) throw;
                calls.damaged(folder.path, error);
            }
        }
        for (auto& [name, entry] : entries) {
            sortVersions(entry);
            calls.found(entry);
        }
        for (auto& [name, below] : deeper) waiting.push_back(std::move(below));
    }
}

}  // namespace coffer::solo
