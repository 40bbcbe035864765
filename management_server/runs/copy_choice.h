#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/pipeline/copy_map.h"
#include "core/snapshot/snapshot_catalog.h"
#include "management_server/runs/run_record.h"

namespace coffer {

/// Which snapshots of a repository a run of kind "copy" copies.
struct CopyChoice {
    std::vector<SnapshotId> named{};  // these and no others; none: by what follows
    bool all = false;                 // not the newest of each source alone
    std::string agent{};              // of this one, by name
    std::string tag{};                // with this tag

    /// From options "snapshots", "choose", "only-agent" and "only-tag".
    static CopyChoice of(const RunTexts& options);
};

/// Name of an agent by its id.
using AgentNaming = std::function<std::string(const AgentId& agent)>;

/// Those of the choice, oldest first. What cannot be read has no source: it is chosen with `all`,
/// so that its copy says why. Throws Error(notFound) for a named one that is not there.
std::vector<SnapshotInfo> chosenSnapshots(Repository& repository, const CopyChoice& choice,
                                          const AgentNaming& nameOf);

}  // namespace coffer
