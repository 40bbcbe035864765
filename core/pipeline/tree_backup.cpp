// Which folders there are, what has changed in them, and how their trees come about.
#include "core/pipeline/tree_backup.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/snapshot/tree_format.h"
#include "core/source/cache_dir_tag.h"

namespace coffer {

namespace {
constexpr std::int64_t checkpointInterval = 45LL * 60 * 1'000'000'000;
constexpr std::int64_t flushInterval = 1'000'000'000;

// What is read of a folder before its journal gets a note of it: as it goes on, and when there are
// subfolders to be done before it is finished.
constexpr std::uint64_t bytesBetweenNotes = 64U << 20;
constexpr std::uint64_t bytesWorthANote = 1U << 20;

/// Finds names in a record; they come in ascending order.
class NameSearch {
  public:
    explicit NameSearch(const JournalRecord& record) : entries_(record.entries()) {}

    const JournalEntry* find(std::string_view name) {
        while (at_ < entries_.size() && entries_[at_].name < name) ++at_;
        return at_ < entries_.size() && entries_[at_].name == name ? &entries_[at_] : nullptr;
    }

  private:
    const std::vector<JournalEntry>& entries_;
    std::size_t at_ = 0;
};

}  // namespace

TreeBackup::TreeBackup(const Parts& parts)
    : parts_(parts),
      lastFlush_(parts.clock.now()),
      lastCheckpoint_(parts.clock.now()),
      suspects_(!parts.shared.store.terms().suspects.empty()) {}

void TreeBackup::start() {
    auto task = std::make_shared<FolderTask>();
    task->path = "/";
    queue(std::move(task));
}

void TreeBackup::queue(TaskPointer task) {
    parts_.shared.queue.push([this, task = std::move(task)](BackupWorker& worker) mutable {
        readFolder(task, worker);
        childDone(std::move(task), worker);
        checkpoint(worker);
    });
}

bool TreeBackup::due(Guarded<Timestamp>& last, std::int64_t interval) const {
    const Timestamp now = parts_.clock.now();
    return last.with([&](Timestamp& before) {
        // A clock that was set back counts from where it is now.
        if (now >= before && now < before + interval) return false;
        before = now;
        return true;
    });
}

// Now and then what has been read becomes durable, so that a run which is cut goes on from there;
// more often it leaves this process, which may be killed.
void TreeBackup::checkpoint(BackupWorker& worker) {
    if (due(lastFlush_, flushInterval)) parts_.journal.flush();
    if (!due(lastCheckpoint_, checkpointInterval)) return;
    worker.sink().flush();
    parts_.shared.dataPacks.finish();
    parts_.shared.treePacks.finish();
    parts_.journal.sync();
}

// Reads what a folder (or segment) holds; its own 'pending' keeps it from being finished meanwhile.
void TreeBackup::readFolder(const TaskPointer& task, BackupWorker& worker) {
    parts_.shared.cancel.check();
    const std::unique_ptr<Folder> folder = openFolder(*task, worker);
    if (!folder) return;
    std::optional<std::vector<std::string>> names = listNames(task, *folder);
    if (!names) return;  // cut into segments
    loadBase(*task);
    readEntries(task, *folder, std::move(*names), worker);
}

// Nothing, and a problem noted, when it cannot be opened or is not the folder that was seen before.
std::unique_ptr<Folder> TreeBackup::openFolder(FolderTask& task, BackupWorker& worker) {
    try {
        std::unique_ptr<Folder> folder = parts_.source.openFolder(task.path);
        const Stat self = folder->statSelf();
        if (!task.parent && !task.large) {
            // The root hangs in no folder, so nobody else has looked at it.
            task.device = self.device;
            task.inode = self.inode;
            root_.attributes = attributesOf(self, folder->detailsSelf());
            moveLargeXattrs(root_, worker);
        } else if (self.inode != task.inode) {
            throw Error(ErrorCode::conflict, "the folder was replaced while being read");
        }
        return folder;
    } catch (const Error& error) {
        if (endsBackup(error)) throw;
        parts_.problems.add(task.path, error);
        task.condition |= unreadable;
        task.changed = true;
        return nullptr;
    }
}

std::optional<std::vector<std::string>> TreeBackup::listNames(const TaskPointer& task,
                                                              Folder& folder) {
    if (task->names) return std::exchange(task->names, {});
    if (!parts_.selection.isWhole(task->path)) return parts_.selection.namesIn(task->path);
    if (parts_.request.excludeCaches && hasCacheDirTag(folder)) {
        return std::vector<std::string>{"CACHEDIR.TAG"};
    }
    NameSpool names(parts_.temporaryFolder);
    try {
        folder.list([&](std::string_view name) { names.add(name); });
    } catch (const Error& error) {
        parts_.problems.add(task->path, error);
        task->condition |= unreadable;
    }
    const unsigned bits = segmentBits(names.count());
    if (bits == 0) return names.segment(0, 0);
    startSegments(task, std::move(names));
    return {};
}

void TreeBackup::startSegments(const TaskPointer& task, NameSpool names) {
    const unsigned bits = segmentBits(names.count());
    auto large = std::make_shared<LargeFolder>(LargeFolder{task, std::move(names), {}, {}, 0});
    large->tree.bits = bits;
    parts_.journal.addSegmented(task->path, bits);
    ++task->pending;  // until the last segment is done
    nextSegment(large);
}

void TreeBackup::nextSegment(const std::shared_ptr<LargeFolder>& large) {
    auto segment = std::make_shared<FolderTask>();
    const FolderTask& folder = *large->folder;
    segment->large = large;
    segment->path = folder.path;
    segment->inode = folder.inode;
    segment->device = folder.device;
    segment->bits = large->tree.bits;
    segment->segment = large->next++;
    segment->names = large->names.segment(segment->bits, segment->segment);
    queue(std::move(segment));
}

void TreeBackup::loadBase(FolderTask& task) {
    for (const JournalReader& base : parts_.bases) {
        std::optional<JournalRecord> found = base.find({task.path, task.bits, task.segment});
        // A folder that has grown over a power of two finds its segments in one twice their size.
        const unsigned before = found ? task.bits : base.segmentBits(task.path);
        const bool grown = before < task.bits;
        if (grown) found = base.find({task.path, before, task.segment >> (task.bits - before)});
        if (!found) continue;
        if (found->isPartial()) {
            task.begun.push_back(std::move(*found));
            continue;
        }
        task.base = std::move(found);
        task.changed = task.changed || grown;
        task.pinned = base.snapshot().has_value() && parts_.shared.store.terms().basePinned;
        return;
    }
    task.changed = true;
}

void TreeBackup::readEntries(const TaskPointer& task, Folder& folder,
                             std::vector<std::string> names, BackupWorker& worker) {
    readItems(*task, folder, std::move(names), worker);
    task->begun.clear();
    if (task->base && task->items.size() != task->base->entries().size()) task->changed = true;
    if (task->changed || !task->pinned || suspects_) checkInherited(*task, &folder, worker);
    queueSubfolders(task, worker);
}

// A run that is cut in here leaves a note of what it has read.
void TreeBackup::readItems(FolderTask& task, Folder& folder, std::vector<std::string> names,
                           BackupWorker& worker) {
    std::optional<NameSearch> inBase;
    if (task.base) inBase.emplace(*task.base);
    std::vector<NameSearch> inBegun(task.begun.begin(), task.begun.end());
    const auto takeOverBegun = [&](FolderItem& item, const Stat& stat) {
        return std::ranges::any_of(inBegun, [&](NameSearch& search) {
            return takeOver(item, stat, search.find(item.name));
        });
    };
    std::uint64_t unnoted = 0;
    bool hasFolders = false;
    try {
        for (std::string& name : names) {
            parts_.shared.cancel.check();
            FolderItem item;
            const Timestamp lookedAt = parts_.clock.now();
            const std::optional<Stat> stat = look(task, folder, name);
            if (!stat) continue;
            item.name = std::move(name);
            item.device = stat->device;
            item.signature = signatureOf(*stat, lookedAt);
            item.isFolder = stat->type == EntryType::folder;
            if (!takeOver(item, *stat, inBase ? inBase->find(item.name) : nullptr)) {
                task.changed = true;
                if (!takeOverBegun(item, *stat)) {
                    readEntry(task, folder, item, *stat, worker);
                    if (!item.isFolder) unnoted += stat->size;
                }
            }
            if (!item.isFolder) count(*stat);
            hasFolders = hasFolders || item.isFolder;
            task.items.push_back(std::move(item));
            if (unnoted < bytesBetweenNotes) continue;
            noteBegun(task);
            unnoted = 0;
        }
    } catch (const Error&) {
        noteBegun(task);
        throw;
    }
    if (hasFolders && unnoted >= bytesWorthANote) noteBegun(task);
}

// Nothing when it belongs to no backup, or cannot be asked, which is noted.
std::optional<Stat> TreeBackup::look(FolderTask& task, Folder& folder, const std::string& name) {
    const std::string path = joinPath(task.path, name);
    try {
        std::optional<Stat> stat = folder.stat(name);
        if (!stat) parts_.problems.add(path, ErrorCode::notFound, "vanished while being read");
        if (stat && parts_.selection.isWhole(task.path) && !wanted(path, *stat)) return {};
        return stat;
    } catch (const Error& error) {
        parts_.problems.add(path, error);
        task.condition |= unreadable;
        return {};
    }
}

// Costs a run nothing when it fails: then more is read another time.
void TreeBackup::noteBegun(const FolderTask& task) {
    std::vector<JournalEntry> entries;
    for (const FolderItem& item : task.items) {
        if (!item.isFolder) entries.push_back({item.name, item.signature, item.node});
    }
    if (entries.empty()) return;
    try {
        parts_.journal.add(
            JournalRecord::encode({task.path, task.bits, task.segment}, ChunkId{}, entries));
        parts_.journal.flush();
    } catch (const Error&) {
    }
}

bool TreeBackup::wanted(const std::string& path, const Stat& stat) const {
    if (parts_.request.excludeNoDump && stat.noDump) return false;
    return !parts_.selection.excluded(path, stat.type == EntryType::folder);
}

// An entry that looks as it did in the base is taken over without being opened.
bool TreeBackup::takeOver(FolderItem& item, const Stat& stat, const JournalEntry* before) {
    if (!before || !sameState(before->signature, item.signature)) return false;
    TreeNode node;
    if (item.isFolder || stat.links > 1) {
        node = TreeNode::decode(before->node);
        // The device number of a hard-link group may differ after a restart.
        if (!item.isFolder && node.attributes.hardLink != HardLinkGroup{stat.device, stat.inode}) {
            return false;
        }
        if (node.isFolder() != item.isFolder) return false;
    }
    if (item.isFolder) {
        item.folder = std::move(node);
        item.folder.condition = 0;  // found out anew when it is entered
    }
    item.node = toBytes(before->node);
    item.inherited = true;
    return true;
}

// Subfolders are counted in before the first one can be done. A mount point that is not to be
// entered stays as an empty folder.
void TreeBackup::queueSubfolders(const TaskPointer& task, BackupWorker& worker) {
    const bool whole = parts_.selection.isWhole(task->path);
    std::vector<TaskPointer> children;
    for (std::size_t slot = 0; slot < task->items.size(); ++slot) {
        FolderItem& item = task->items[slot];
        if (!item.isFolder) continue;
        if (whole && parts_.request.oneFileSystem && item.device != task->device) {
            item.folder.tree = worker.sink().add(ChunkKind::tree, TreeEncoder(false).finish());
            continue;
        }
        auto child = std::make_shared<FolderTask>();
        child->parent = task;
        child->slot = slot;
        child->path = joinPath(task->path, item.name);
        child->inode = item.signature.inode;
        child->device = whole ? task->device : item.device;
        children.push_back(std::move(child));
    }
    task->pending += children.size();
    // Last in, first out: the first by name is the next to be done.
    for (auto child = children.rbegin(); child != children.rend(); ++child) {
        queue(std::move(*child));
    }
}

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
        parts_.journal.add(task.base->data());
        return deliver(task, task.base->tree(), worker);
    }
    if (!task.changed && task.pinned) checkInherited(task, nullptr, worker);
    const ChunkId tree = storeTree(task, worker);
    std::vector<JournalEntry> entries;
    entries.reserve(task.items.size());
    for (const FolderItem& item : task.items) {
        entries.push_back({item.name, item.signature, item.node});
    }
    parts_.journal.add(JournalRecord::encode({task.path, task.bits, task.segment}, tree, entries));
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

void TreeBackup::count(const Stat& stat) {
    RunProgress& progress = parts_.shared.progress;
    if (stat.type == EntryType::file) {
        ++progress.files;
        progress.bytes += stat.size;
    } else {
        ++progress.others;
    }
}

}  // namespace coffer
