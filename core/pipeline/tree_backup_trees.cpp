// How folders that have been read become trees, from the leaves up.
#include <algorithm>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/pipeline/tree_backup.h"

namespace coffer {

// Asks whether what is taken over can be; what cannot is read again. In a pinned base that question
// is only needed for folders that get a new tree.
void TreeBackup::checkInherited(FolderTask& task, Folder* folder, BackupWorker& worker) {
    std::vector<ChunkId> ids;
    std::vector<std::size_t> owners;
    for (std::size_t i = 0; i < task.items.size(); ++i) {
        const FolderItem& item = task.items[i];
        if (!item.inherited || item.isFolder) continue;
        TreeNode::decode(item.node).forEachReference([&](const ChunkId& id) {
            ids.push_back(id);
            owners.push_back(i);
        });
    }
    const std::vector<bool> missing = parts_.shared.store.missing(ids);
    std::unique_ptr<Folder> opened;
    std::size_t reread = task.items.size();
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!missing[i] || owners[i] == reread) continue;
        reread = owners[i];
        if (!folder) {
            opened = parts_.source.openFolder(task.path);
            folder = opened.get();
        }
        FolderItem& item = task.items[reread];
        const Timestamp lookedAt = parts_.clock.now();
        const std::optional<Stat> stat = folder->stat(item.name);
        if (!stat) {
            throw Error(ErrorCode::conflict,
                        printable(joinPath(task.path, item.name)) +
                            ": is damaged in the repository and has vanished from the source");
        }
        item.signature = signatureOf(*stat, lookedAt);
        readEntry(task, *folder, item, *stat, worker);
        item.inherited = false;
        task.changed = true;
    }
}

// One of a folder's subfolders, or its own reading, is done. The last one finishes it, and so on
// upwards: a loop, for trees can be deeper than stacks.
void TreeBackup::childDone(TaskPointer task, BackupWorker& worker) {
    while (task && --task->pending == 0) task = finish(*task, worker);
}

bool TreeBackup::sameAsBase(const FolderTask& task) const {
    if (task.changed || !task.base || task.condition != 0) return false;
    const auto& entries = task.base->entries();
    for (std::size_t i = 0; i < task.items.size(); ++i) {
        const FolderItem& item = task.items[i];
        if (item.isFolder && !std::ranges::equal(item.node, entries[i].node)) return false;
    }
    if (!task.pinned) {
        const ChunkId tree = task.base->tree();
        return !parts_.shared.store.missing({&tree, 1})[0];
    }
    return !suspects_ ||
           !std::ranges::binary_search(parts_.shared.store.terms().suspects, task.base->tree());
}

// Gives the folder whose 'pending' this was counted in.
TreeBackup::TaskPointer TreeBackup::finish(FolderTask& task, BackupWorker& worker) {
    if (task.large && !task.large->folder) throw Error(ErrorCode::internal, "segment of nothing");
    const bool isLargeItself = !task.large && task.bits != 0;
    if (isLargeItself) return deliver(task, *task.items.at(0).folder.tree, worker);
    for (FolderItem& item : task.items) {
        if (item.isFolder) item.node = item.folder.encode();
    }
    if (sameAsBase(task)) {
        journal_.noteUnchanged(task);
        return deliver(task, task.base->tree(), worker);
    }
    if (!task.changed && task.pinned) checkInherited(task, nullptr, worker);
    const ChunkId tree = storeTree(task, worker);
    journal_.noteFinished(task, tree);
    return deliver(task, tree, worker);
}

ChunkId TreeBackup::storeTree(FolderTask& task, BackupWorker& worker) {
    TreeEncoder encoder(task.large != nullptr);
    std::vector<ChunkId> references;
    std::vector<ChunkId> inheritedTrees;
    for (const FolderItem& item : task.items) {
        encoder.add(item.node);
        const TreeNode node = item.isFolder ? item.folder : TreeNode::decode(item.node);
        node.forEachReference([&](const ChunkId& id) { references.push_back(id); });
        if (item.isFolder && item.folder.tree) inheritedTrees.push_back(*item.folder.tree);
    }
    // Trees taken over whole stand below a new one now, so the session has to have heard of them.
    parts_.shared.store.missing(inheritedTrees);
    return worker.sink().add(ChunkKind::tree, encoder.finish(), std::move(references));
}

TreeBackup::TaskPointer TreeBackup::deliver(FolderTask& task, const ChunkId& tree,
                                            BackupWorker& worker) {
    if (task.large) return deliverSegment(task, tree, worker);
    ++parts_.shared.progress.folders;
    TreeNode& node = task.parent ? task.parent->items[task.slot].folder : root_;
    node.condition |= task.condition;
    node.tree = tree;
    return std::move(task.parent);
}

TreeBackup::TaskPointer TreeBackup::deliverSegment(FolderTask& task, const ChunkId& tree,
                                                   BackupWorker& worker) {
    const std::shared_ptr<LargeFolder> large = std::move(task.large);
    FolderTask& folder = *large->folder;
    large->tree.segments.push_back({tree, task.items.size()});
    large->references.push_back(tree);
    folder.condition |= task.condition;
    if (large->next < std::uint32_t{1} << large->tree.bits) {
        nextSegment(large);
        return nullptr;
    }
    parts_.shared.store.missing(large->references);
    FolderItem whole;
    whole.folder.tree = worker.sink().add(ChunkKind::tree, encodeSegmented(large->tree),
                                          std::move(large->references));
    folder.bits = large->tree.bits;
    folder.items.push_back(std::move(whole));
    return std::move(large->folder);
}

}  // namespace coffer
