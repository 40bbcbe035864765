#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/cancel.h"
#include "core/pipeline/problem_log.h"
#include "core/pipeline/run_progress.h"
#include "core/repository/repository.h"
#include "core/snapshot/snapshot.h"

namespace coffer {

struct RehearsalSettings {
    std::vector<std::string> paths;  // absolute, in the snapshot; none: all of it
    unsigned percent = 100;          // of all entries but folders, by a hash of their paths
    unsigned workers = 0;            // threads that restore; 0: one for each core

    bool isWhole() const { return paths.empty() && percent >= 100; }
};

/// What a rehearsal has restored and found as the snapshot says.
struct RehearsalResult {
    std::uint64_t files = 0;
    std::uint64_t folders = 0;
    std::uint64_t others = 0;
    std::uint64_t bytes = 0;    // of content, read again and compared
    std::uint64_t left = 0;     // entries that the sample left out
    std::uint64_t refused = 0;  // attributes and entries that the target could not take
};

/// Restores a snapshot, or a part, into the empty folder `scratch` and compares what is there with
/// the snapshot: every entry, its attributes, its content by the ids of its chunks. What differs
/// or could not be restored goes to `problems`; what this user may not restore (owners, devices) is
/// counted alone. When all of the snapshot was rehearsed, whether it is sound is noted in the
/// repository. A full or failing disk ends it with an Error, and so does Error(cancelled).
RehearsalResult runRehearsal(Repository& repository, const Snapshot& snapshot,
                             const RehearsalSettings& settings, const std::string& scratch,
                             RunProgress& progress, ProblemLog& problems,
                             const CancelToken& cancel);

}  // namespace coffer
