// How folders that have been read become trees, from the leaves up.
#include <algorithm>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/pipeline/tree_backup.h"

namespace coffer {

// One of a folder's subfolders, or its own reading, is done. The last one completes it, and so on
// upwards: a loop, for trees can be deeper than stacks.
void TreeBackup::childDone(TaskPointer task, BackupWorker& worker) {
    while (task && --task->pending == 0) task = complete(std::move(task), worker);
}

// Gives the folder whose 'pending' this was counted in, or nothing when the repository has to be
// asked first.
TreeBackup::TaskPointer TreeBackup::complete(TaskPointer task, BackupWorker& worker) {
    if (task->large && !task->large->folder) throw Error(ErrorCode::internal, "segment of nothing");
    const bool isLargeItself = !task->large && task->bits != 0;
    if (isLargeItself) return deliver(*task, *task->items.at(0).folder.tree, worker);
    for (FolderItem& item : task->items) {
        if (item.isFolder) item.node = item.folder.encode();
    }
    FolderQuestion question = questionOf(task, sameAsBase(*task));
    if (question.ids.empty()) return finish(question, {}, worker);
    open_.add(std::move(question));
    return nullptr;
}

bool TreeBackup::sameAsBase(const FolderTask& task) const {
    if (task.changed || !task.base || task.condition != 0) return false;
    const auto& entries = task.base->entries();
    for (std::size_t i = 0; i < task.items.size(); ++i) {
        const FolderItem& item = task.items[i];
        if (item.isFolder && !std::ranges::equal(item.node, entries[i].node)) return false;
    }
    return true;
}

// Whether what is taken over can be; what cannot is read again. A folder of a pinned base that
// stays as it was need not ask. One that gets a new tree does, also about the trees that then stand
// below it: the session has to have heard of them.
FolderQuestion TreeBackup::questionOf(const TaskPointer& task, bool same) const {
    FolderQuestion question{task, {}, {}};
    if (same && task->pinned && !suspects_) return question;
    for (std::size_t slot = 0; slot < task->items.size(); ++slot) {
        const FolderItem& item = task->items[slot];
        if (!item.inherited || item.isFolder) continue;
        TreeNode::decode(item.node).forEachReference([&](const ChunkId& id) {
            question.ids.push_back(id);
            question.slots.push_back(slot);
        });
    }
    for (const FolderItem& item : task->items) {
        if (item.isFolder && item.folder.tree) question.ids.push_back(*item.folder.tree);
    }
    if (same) question.ids.push_back(task->base->tree());
    return question;
}

void TreeBackup::finishOpen(BackupWorker& worker) {
    while (true) {
        std::vector<FolderQuestion> questions = open_.take();
        if (questions.empty()) return;
        ask(std::move(questions), worker);
    }
}

void TreeBackup::ask(std::vector<FolderQuestion> questions, BackupWorker& worker) {
    std::vector<ChunkId> ids;
    for (const FolderQuestion& question : questions) {
        ids.insert(ids.end(), question.ids.begin(), question.ids.end());
    }
    const std::vector<bool> missing = parts_.shared.store.missing(ids);
    std::size_t first = 0;
    for (FolderQuestion& question : questions) {
        parts_.shared.cancel.check();
        const FolderAnswer answer(missing, std::exchange(first, first + question.ids.size()));
        childDone(finish(question, answer, worker), worker);
        question = {};
    }
}

TreeBackup::TaskPointer TreeBackup::finish(const FolderQuestion& question,
                                           const FolderAnswer& answer, BackupWorker& worker) {
    FolderTask& task = *question.task;
    readMissing(question, answer, worker);
    if (sameAsBase(task)) {
        const ChunkId& before = task.base->tree();
        const bool there = question.ids.empty() || !answer.missing(question.ids.size() - 1);
        if (there) {
            journal_.noteUnchanged(task);
            return deliver(task, before, worker);
        }
    }
    const ChunkId tree = storeTree(task, worker);
    journal_.noteFinished(task, tree);
    return deliver(task, tree, worker);
}

void TreeBackup::readMissing(const FolderQuestion& question, const FolderAnswer& answer,
                             BackupWorker& worker) {
    FolderTask& task = *question.task;
    std::unique_ptr<Folder> folder;
    for (std::size_t i = 0; i < question.slots.size(); ++i) {
        FolderItem& item = task.items[question.slots[i]];
        if (!answer.missing(i) || !item.inherited) continue;
        if (!folder) folder = parts_.source.openFolder(task.path);
        readAgain(task, *folder, question.slots[i], worker);
    }
    settle(task, worker);
}

void TreeBackup::readAgain(FolderTask& task, Folder& folder, std::size_t slot,
                           BackupWorker& worker) {
    FolderItem& item = task.items[slot];
    const Timestamp lookedAt = parts_.clock.now();
    const std::optional<Stat> stat = folder.stat(item.name);
    if (!stat) {
        throw Error(ErrorCode::conflict,
                    printable(joinPath(task.path, item.name)) +
                        ": is damaged in the repository and has vanished from the source");
    }
    item.signature = signatureOf(*stat, lookedAt);
    readEntry(task, folder, slot, item, *stat, worker);
    item.inherited = false;
    task.changed = true;
}

ChunkId TreeBackup::storeTree(FolderTask& task, BackupWorker& worker) {
    TreeEncoder encoder(task.large != nullptr);
    std::vector<ChunkId> references;
    for (const FolderItem& item : task.items) {
        encoder.add(item.node);
        const TreeNode node = item.isFolder ? item.folder : TreeNode::decode(item.node);
        node.forEachReference([&](const ChunkId& id) { references.push_back(id); });
    }
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
