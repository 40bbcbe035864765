#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/pipeline/chunk_sink.h"
#include "core/pipeline/journal.h"
#include "core/pipeline/name_spool.h"
#include "core/snapshot/tree.h"

namespace coffer {

/// An entry of a folder on its way into the snapshot.
struct FolderItem {
    std::string name;
    EntrySignature signature;
    std::uint64_t device = 0;
    Bytes node;       // encoded; of a subfolder only once its own tree is known
    TreeNode folder;  // of a subfolder
    bool isFolder = false;
    bool inherited = false;  // taken over from the base without being opened
};

/// A file that has been read, whose only chunk has not been hashed yet.
struct LateFile {
    std::size_t slot = 0;  // its item's
    TreeNode node;
    LateId id;
};

/// A folder, or a segment of a large one, while a backup is at it. Its items are filled by one
/// worker; then whoever finishes the last subfolder finishes it.
struct FolderTask {
    // Where it hangs: its result goes to item `slot` of `parent`, or to a large folder.
    std::shared_ptr<FolderTask> parent;
    std::size_t slot = 0;
    std::shared_ptr<struct LargeFolder> large;  // for a segment

    std::string path;
    std::uint64_t inode = 0;
    std::uint64_t device = 0;  // of the selected path, for 'one file system'
    bool included = false;     // all of it, unless patterns say something else
    unsigned bits = 0;
    std::uint32_t segment = 0;
    std::optional<std::vector<std::string>> names;  // of a segment; a folder lists its own

    std::vector<FolderItem> items;      // ascending names
    std::vector<LateFile> late;         // while it is being read
    std::optional<JournalRecord> base;  // the same folder in the base
    std::vector<JournalRecord> begun;   // what runs that were cut had read of it, newest first
    bool pinned = false;                // the base is committed and pinned
    bool changed = false;               // differs from the base in more than its subfolders' trees
    std::uint8_t condition = 0;
    std::atomic<std::size_t> pending{1};  // subfolders, plus one while it is being read
};

/// A folder that is cut into segments, which are done one after the other.
struct LargeFolder {
    std::shared_ptr<FolderTask> folder;  // stands for the whole in its parent
    NameSpool names;
    SegmentedTree tree;
    std::vector<ChunkId> references;
    std::uint32_t next = 0;
};

}  // namespace coffer
