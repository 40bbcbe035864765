#pragma once

#include <functional>
#include <string>

#include "core/base/cancel.h"
#include "core/pipeline/overwrite_policy.h"
#include "core/pipeline/problem_log.h"
#include "core/pipeline/run_progress.h"
#include "core/repository/restore_store.h"
#include "core/snapshot/tree_node.h"
#include "core/source/restore_target.h"

namespace coffer {

struct RestoreSettings {
    bool resume = false;   // go on with an interrupted restore: keep files that are complete
    unsigned workers = 0;  // threads; 0: one for each core

    /// Anything but `refuse` needs a target that replaces (ReplacingTarget).
    Overwrite overwrite = Overwrite::refuse;

    /// Octets, about, in which files with several names are remembered, so that these are linked.
    /// When there are more, the rest is restored as files of their own, and a problem says so.
    std::size_t linkMemory = std::size_t{32} << 20;

    /// Which entries that are no folders are restored, by their paths below `node`; unset: all.
    std::function<bool(const std::string& path, const TreeNode& node)> chosen{};
};

/// Restores `node`: the content of a folder into the target, anything else as one entry of it.
/// Blocks are read in the order of their packs, attributes set when content is done, those of
/// folders last. What concerns single entries goes to `problems`; a full or failing disk ends the
/// run with an Error, and so does Error(cancelled) within two seconds of a request to stop.
void runRestore(RestoreStore& store, const DomainKey& domain, const TreeNode& node,
                RestoreTarget& target, const RestoreSettings& settings, RunProgress& progress,
                ProblemLog& problems, const CancelToken& cancel);

}  // namespace coffer
