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

/// All below a folder, which lies at `where`: each folder before what it holds. What cannot be
/// entered comes once more, as a problem.
rpc::FindingPages::Fill walkPages(std::unique_ptr<ChunkSource> chunks, const TreeNode& folder,
                                  std::string where);

/// What differs between two folders, by path; the later one lies at `where`.
rpc::DifferencePages::Fill differencePages(std::unique_ptr<ChunkSource> chunks,
                                           const TreeNode& before, const TreeNode& after,
                                           std::string where);

/// Snapshots that are searched together: those of one dedup domain.
struct SearchGroup {
    std::unique_ptr<ChunkSource> chunks;
    std::vector<std::shared_ptr<const Snapshot>> snapshots;  // oldest first
};

/// What is found in all snapshots, each state of an entry on its own, and what could not be looked
/// into; `unreadable` is what is known of that before.
rpc::FindingPages::Fill searchPages(std::vector<SearchGroup> groups, ExcludeRules pattern,
                                    std::vector<Coffer::Finding> unreadable);

}  // namespace coffer
