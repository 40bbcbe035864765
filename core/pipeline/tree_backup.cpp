// Which folders there are, and what has changed in them.
#include "core/pipeline/tree_backup.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/snapshot/tree_format.h"
#include "core/source/cache_dir_tag.h"

namespace coffer {

namespace {

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
      journal_(parts.shared, parts.bases, parts.journal, parts.clock),
      suspects_(!parts.shared.store.terms().suspects.empty()),
      begun_(parts.clock.now()) {}

void TreeBackup::start() {
    auto task = std::make_shared<FolderTask>();
    task->path = "/";
    queue(std::move(task));
}

void TreeBackup::queue(TaskPointer task) {
    parts_.shared.queue.push([this, task = std::move(task)](BackupWorker& worker) mutable {
        readFolder(task, worker);
        childDone(std::move(task), worker);
        if (open_.many()) ask(open_.take(), worker);
        journal_.checkpoint(worker);
    });
}

// Reads what a folder (or segment) holds; its own 'pending' keeps it from being finished meanwhile.
void TreeBackup::readFolder(const TaskPointer& task, BackupWorker& worker) {
    parts_.shared.cancel.check();
    const std::unique_ptr<Folder> folder = openFolder(*task, worker);
    if (!folder) return;
    std::optional<std::vector<std::string>> names = listNames(task, *folder);
    if (!names) return;  // cut into segments
    journal_.load(*task);
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
    journal_.noteSegmented(*task, bits);
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
    segment->included = folder.included;
    segment->bits = large->tree.bits;
    segment->segment = large->next++;
    segment->names = large->names.segment(segment->bits, segment->segment);
    queue(std::move(segment));
}

void TreeBackup::readEntries(const TaskPointer& task, Folder& folder,
                             std::vector<std::string> names, BackupWorker& worker) {
    readItems(*task, folder, std::move(names), worker);
    task->begun.clear();
    if (task->base && task->items.size() != task->base->entries().size()) task->changed = true;
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
                    readEntry(task, folder, task.items.size(), item, *stat, worker);
                    if (!item.isFolder) unnoted += stat->size;
                }
            }
            if (!item.isFolder) count(*stat);
            hasFolders = hasFolders || item.isFolder;
            task.items.push_back(std::move(item));
            if (unnoted < bytesBetweenNotes) continue;
            settle(task, worker);
            journal_.noteBegun(task);
            unnoted = 0;
        }
    } catch (const Error&) {
        settle(task, worker);
        journal_.noteBegun(task);
        throw;
    }
    settle(task, worker);
    if (hasFolders && unnoted >= bytesWorthANote) journal_.noteBegun(task);
}

// Nothing when it belongs to no backup, or cannot be asked, which is noted.
std::optional<Stat> TreeBackup::look(FolderTask& task, Folder& folder, const std::string& name) {
    const std::string path = joinPath(task.path, name);
    try {
        std::optional<Stat> stat = folder.stat(name);
        if (!stat) parts_.problems.add(path, ErrorCode::notFound, "vanished while being read");
        if (stat && parts_.selection.isWhole(task.path) && !wanted(task, path, *stat)) return {};
        return stat;
    } catch (const Error& error) {
        parts_.problems.add(path, error);
        task.condition |= unreadable;
        return {};
    }
}

bool TreeBackup::wanted(const FolderTask& task, const std::string& path, const Stat& stat) const {
    if (parts_.request.excludeNoDump && stat.noDump) return false;
    const Selection& selection = parts_.selection;
    const bool isFolder = stat.type == EntryType::folder;
    if (selection.excluded(path, isFolder)) return false;
    if (!selection.included(path, isFolder, task.included)) {
        return isFolder && selection.leadsToIncluded(path);
    }
    return !isTooLargeOrOld(parts_.request, stat, begun_);
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
        child->included = parts_.selection.included(child->path, true, task->included);
        children.push_back(std::move(child));
    }
    task->pending += children.size();
    // Last in, first out: the first by name is the next to be done.
    for (auto child = children.rbegin(); child != children.rend(); ++child) {
        queue(std::move(*child));
    }
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
