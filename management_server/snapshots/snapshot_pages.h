#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/rpc/paging_iterator.h"
#include "core/snapshot/snapshot.h"
#include "core/source/exclude_rules.h"
#include "management_server/snapshots/snapshot_chunks.h"

namespace coffer {

// What iterators over snapshots hand out, found while the pages are asked for.

/// The entries of a folder, by name (in a large one part by part).
rpc::EntryPages::Fill folderPages(std::unique_ptr<ChunkSource> chunks, const TreeNode& folder);

/// What differs between two snapshots, by path.
rpc::DifferencePages::Fill differencePages(std::unique_ptr<ChunkSource> chunks,
                                           const TreeNode& before, const TreeNode& after);

/// Snapshots that are searched together: those of one dedup domain.
struct SearchGroup {
    std::unique_ptr<ChunkSource> chunks;
    std::vector<std::shared_ptr<const Snapshot>> snapshots;  // oldest first
};

/// What is found in all snapshots, each state of an entry on its own. Behind the last one comes
/// Error(corrupt) when there was something that could not be read; `unreadable` is what is known of
/// that before.
rpc::FindingPages::Fill findingPages(std::vector<SearchGroup> groups, ExcludeRules pattern,
                                     std::vector<std::string> unreadable);

}  // namespace coffer
