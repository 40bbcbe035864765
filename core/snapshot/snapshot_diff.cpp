#include "core/snapshot/snapshot_diff.h"

#include <map>
#include <vector>

#include "core/snapshot/tree_reader.h"
#include "core/snapshot/tree_walk.h"

namespace coffer {

namespace {

using Each = std::function<void(const std::string& path, Change change, const TreeNode& node)>;

struct Pair {
    std::string path;
    TreeNode before;
    TreeNode after;
};

std::string join(const std::string& folder, const std::string& name) {
    return folder.empty() ? name : folder + "/" + name;
}

void wholeTree(ChunkSource& chunks, const std::string& path, Change change, const TreeNode& node,
               const Each& each) {
    each(path, change, node);
    TreeWalk walk(chunks, node);
    while (walk.next()) {
        if (!walk.leaving()) each(join(path, walk.path()), change, walk.node());
    }
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

std::map<std::string, TreeNode> entriesOf(ChunkSource& chunks, const TreeNode& folder) {
    std::map<std::string, TreeNode> entries;
    if (!folder.tree) return entries;
    forEachNode(chunks, *folder.tree, [&](TreeNode&& node) {
        std::string name = node.name;
        entries.emplace(std::move(name), std::move(node));
        return true;
    });
    return entries;
}

}  // namespace

void diffTrees(ChunkSource& chunks, const TreeNode& before, const TreeNode& after,
               const Each& each) {
    std::vector<Pair> pairs{{"", before, after}};
    while (!pairs.empty()) {
        const Pair pair = std::move(pairs.back());
        pairs.pop_back();
        if (pair.before.tree == pair.after.tree) continue;
        std::map<std::string, TreeNode> old = entriesOf(chunks, pair.before);
        std::vector<Pair> deeper;
        for (auto& [name, now] : entriesOf(chunks, pair.after)) {
            const std::string path = join(pair.path, name);
            const auto was = old.find(name);
            if (was == old.end()) {
                wholeTree(chunks, path, Change::added, now, each);
                continue;
            }
            if (const auto change = compare(was->second, now)) each(path, *change, now);
            if (was->second.isFolder() && now.isFolder()) {
                deeper.push_back({path, std::move(was->second), now});
            }
            old.erase(was);
        }
        for (const auto& [name, gone] : old) {
            wholeTree(chunks, join(pair.path, name), Change::removed, gone, each);
        }
        pairs.insert(pairs.end(), std::make_move_iterator(deeper.rbegin()),
                     std::make_move_iterator(deeper.rend()));
    }
}

}  // namespace coffer
