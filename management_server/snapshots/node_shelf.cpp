#include "management_server/snapshots/node_shelf.h"

#include <algorithm>
#include <optional>

namespace coffer {

namespace {

constexpr std::size_t keptNodes = 16;  // as many files may be read at a time

}  // namespace

TreeNode NodeShelf::nodeAt(ChunkSource& chunks, const TreeNode& root, const std::string& path) {
    if (!root.tree || path == "/") return coffer::nodeAt(chunks, root, path);
    const auto kept = newestFirst_.with([&](std::list<Kept>& list) -> std::optional<TreeNode> {
        const auto found = std::ranges::find_if(
            list, [&](const Kept& one) { return one.tree == *root.tree && one.path == path; });
        if (found == list.end()) return {};
        list.splice(list.begin(), list, found);
        return found->node;
    });
    if (kept) return *kept;
    TreeNode node = coffer::nodeAt(chunks, root, path);
    newestFirst_.with([&](std::list<Kept>& list) {
        list.push_front({*root.tree, path, node});
        if (list.size() > keptNodes) list.pop_back();
    });
    return node;
}

}  // namespace coffer
