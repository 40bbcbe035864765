#pragma once

#include "core/base/cancel.h"
#include "core/base/retry.h"
#include "core/pipeline/problem_log.h"
#include "core/pipeline/run_progress.h"
#include "core/repository/ids.h"
#include "core/storage/object_store.h"

namespace coffer {

struct ReplicateSettings {
    bool verify = false;  // read what the replica has already and compare it with the manifest
};

/// What a replication did.
struct ReplicateResult {
    StoreId store;                 // of the replica
    std::uint64_t generation = 0;  // of the repository that the replica is now
    std::uint64_t objects = 0;     // packs and snapshots it has to have
    std::uint64_t copied = 0;      // of them, this time
    std::uint64_t copiedBytes = 0;
    std::uint64_t verified = 0;  // of them, read in the replica and found sound
    std::uint64_t healed = 0;    // copied again because they were damaged
    std::uint64_t removed = 0;   // packs and snapshots the repository does not have any more
    std::uint64_t missing = 0;   // could not be copied; named as problems
};

/// Makes `to` a verbatim copy of the repository in `from`, which may be in use: same repository id,
/// its own store id (docs/replica.md). Needs no keys. Copies what is not there; packs and snapshots
/// go first, then key objects, owner and manifest, the config of a new replica last, and what is no
/// longer named goes after that, so `to` is at every moment the repository as it was once; what is
/// cut short is gone on with. What is read is checked against the manifest and the config's keys;
/// what is wrong in `from` goes to `problems` and is left out. Throws Error(conflict) when `to` is
/// not a replica of this repository or has records that `from` does not have, (alreadyExists) when
/// it holds objects but is no replica, and what reading the manifest of `from` and writing to `to`
/// throw. The caller keeps others from writing to `to`.
ReplicateResult runReplicate(ObjectStore& from, ObjectStore& to, const ReplicateSettings& settings,
                             const Retry& retry, RunProgress& progress, ProblemLog& problems,
                             const CancelToken& cancel);

}  // namespace coffer
