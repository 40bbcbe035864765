// How single entries are read into nodes.
#include <utility>

#include "core/base/error.h"
#include "core/pipeline/tree_backup.h"
#include "core/snapshot/tree_format.h"

namespace coffer {

namespace {

constexpr std::size_t linkedLimit =
    50'000;  // inodes with several names whose content is remembered
constexpr std::uint64_t rereadLimit = 16U << 20;

bool sameContent(const EntrySignature& a, const Stat& b) {
    return a.size == b.size && a.mtime == b.mtime && a.ctime == b.ctime && a.inode == b.inode;
}

}  // namespace

// `item` has, or will have, this slot in the folder.
void TreeBackup::readEntry(FolderTask& task, Folder& folder, std::size_t slot, FolderItem& item,
                           const Stat& stat, BackupWorker& worker) {
    const std::string path = joinPath(task.path, item.name);
    LateFile file;
    TreeNode& node = file.node;
    if (stat.type == EntryType::file) {
        file = readFile(path, folder, stat, worker);
    } else {
        Details details;
        try {
            details = folder.details(stat);
        } catch (const Error& error) {
            parts_.problems.add(path, error);
            node.condition |= unreadable;
        }
        node.attributes = attributesOf(stat, std::move(details));
        moveLargeXattrs(node, worker);
    }
    node.name = item.name;
    // What could not be read as it should is tried again next time.
    if (node.condition != 0) item.signature.racy = true;
    if (item.isFolder) {
        item.folder = std::move(node);
    } else if (file.id) {
        file.slot = slot;
        task.late.push_back(std::move(file));
    } else {
        item.node = node.encode();
    }
}

// Chunks of several files are hashed together.
void TreeBackup::settle(FolderTask& task, BackupWorker& worker) {
    if (task.late.empty()) return;
    worker.sink().settle();
    for (LateFile& file : std::exchange(task.late, {})) {
        file.node.content.extents.front().chunk = *file.id;
        task.items[file.slot].node = file.node.encode();
    }
}

LateFile TreeBackup::readFile(const std::string& path, Folder& folder, const Stat& stat,
                              BackupWorker& worker) {
    const HardLinkGroup group{stat.device, stat.inode};
    LateFile file;
    TreeNode& node = file.node;
    // A file that changes under the reader is read once more, unless that would take long.
    const int tries = stat.size <= rereadLimit ? 2 : 1;
    for (int attempt = 1; !readContent(file, path, folder, stat, worker); ++attempt) {
        if (attempt < tries) continue;
        node.condition |= changedWhileRead;
        parts_.problems.add(path, ErrorCode::conflict, "changed while being read");
        break;
    }
    ++parts_.shared.progress.changedFiles;
    if (node.attributes.hardLink && node.condition == 0) {
        if (file.id) {
            worker.sink().settle();
            node.content.extents.front().chunk = *std::exchange(file.id, nullptr);
        }
        linked_.with([&](auto& linked) {
            if (linked.size() >= linkedLimit) return;
            linked[group] = {signatureOf(stat, stat.ctime), node.content, node.condition};
        });
    }
    return file;
}

// False when the file was another one after reading than before. What cannot be read is noted in
// the node's condition.
bool TreeBackup::readContent(LateFile& file, const std::string& path, Folder& folder,
                             const Stat& stat, BackupWorker& worker) {
    file = {};
    TreeNode& node = file.node;
    try {
        const std::unique_ptr<FileReader> opened = folder.open(stat);
        const Stat& before = opened->opened();
        node.attributes = attributesOf(before, opened->details());
        const auto known = linked_.with([&](auto& linked) -> std::optional<LinkedContent> {
            const auto found = linked.find({stat.device, stat.inode});
            if (found == linked.end() || !sameContent(found->second.signature, before)) return {};
            return found->second;
        });
        if (known) {
            node.content = known->content;
            moveLargeXattrs(node, worker);
            return true;
        }
        ContentReader reader(parts_.shared, worker, parts_.chunker);
        node.content = reader.read(*opened, before.size);
        file.id = reader.lateId();
        moveLargeXattrs(node, worker);
        node.attributes.size = reader.length();
        const Stat after = opened->statNow();
        return after.size == before.size && after.mtime == before.mtime &&
               after.ctime == before.ctime && reader.length() == before.size;
    } catch (const Error& error) {
        if (endsBackup(error)) throw;
        parts_.problems.add(path, error);
    }
    file = {};
    Details details;
    try {
        details = folder.details(stat);
    } catch (const Error&) {
        // Its content has been reported already.
    }
    node.attributes = attributesOf(stat, std::move(details));
    node.condition |= unreadable;
    moveLargeXattrs(node, worker);
    return true;
}

// Attributes too large to stand in the node become streams of their own.
void TreeBackup::moveLargeXattrs(TreeNode& node, BackupWorker& worker) {
    std::size_t sum = 0;
    std::vector<Xattr> kept;
    for (Xattr& xattr : node.attributes.xattrs) {
        sum += xattr.name.size() + xattr.value.size();
        if (sum <= tree_format::xattrInlineLimit) {
            kept.push_back(std::move(xattr));
            continue;
        }
        sum -= xattr.name.size() + xattr.value.size();
        NamedStream stream;
        stream.name = xattr.name;
        stream.size = xattr.value.size();
        ContentReader reader(parts_.shared, worker, parts_.chunker);
        stream.content = reader.cut(xattr.value);
        node.streams.push_back(std::move(stream));
    }
    node.attributes.xattrs = std::move(kept);
}

}  // namespace coffer
