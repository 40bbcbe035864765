#pragma once

#include <functional>
#include <unordered_set>

#include "core/base/cancel.h"
#include "core/pipeline/copy_map.h"
#include "core/pipeline/run_progress.h"
#include "core/repository/backup_store.h"
#include "core/repository/chunk_source.h"
#include "core/snapshot/snapshot.h"

namespace coffer {

/// What a copy needs to know of the repository it goes to.
struct CopyTarget {
    BackupStore& store;
    const AgentKeys& keys;  // of copyAgent()
    CopyMap& map;

    /// Snapshots that are there, while a session is open that began before they were looked up: all
    /// below their trees is there, too. None when anything in that repository is known to be
    /// damaged: then every chunk is asked for, so what was lost is sent again.
    const std::unordered_set<SnapshotId, IdHash>& present;
};

/// Told of each stretch of content that was read; may hold up, and throw to stop.
using CopyPace = std::function<void(std::uint64_t octets)>;

/// Copies a snapshot into another repository and gives the copy, committed under
/// `origin.copyIn()`. Chunks keep their cuts and get the ids, keys and compression of the other
/// repository; folders, contents and attributes come out as they are. Every chunk is checked when
/// it is read, and a snapshot that cannot be read whole is not copied: Error(corrupt), (notFound).
/// What the map has under a present snapshot is taken over unread, whole folders at once. When it
/// is cut, what was stored is there the next time. Memory: the depth of the tree, some MiB for
/// each; not its size. Throws Error(cancelled).
Snapshot runCopy(const Snapshot& snapshot, const SnapshotOrigin& origin, ChunkSource& chunks,
                 const CopyTarget& target, const CopyPace& pace, RunProgress& progress,
                 const CancelToken& cancel);

}  // namespace coffer
