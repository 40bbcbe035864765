#pragma once

#include <cstdint>

#include "core/base/cancel.h"
#include "core/pipeline/problem_log.h"
#include "core/pipeline/run_progress.h"
#include "core/repository/repository.h"

namespace coffer {

struct PruneSettings {
    bool preview = false;      // find out what it would do; nothing changes
    unsigned repackAt = 30;    // a pack with so much dead is copied without it: 1 to 100 percent
    bool interrupted = false;  // also what backups that were cut have sent and not committed
};

/// Packs, and their octets.
struct PruneCount {
    std::uint64_t packs = 0;
    std::uint64_t bytes = 0;
};

/// What a prune did; of a preview, what it would do.
struct PruneResult {
    PruneCount before;       // all that are not gone
    std::uint64_t dead = 0;  // octets that nothing needs, at the begin; an estimate
    PruneCount unneeded;     // held nothing needed: condemned
    PruneCount repacked;     // condemned once what is needed of them had been copied
    PruneCount written;      // new packs
    PruneCount deleted;
    PruneCount waiting;      // condemned, to be deleted when older backups have ended
    PruneCount interrupted;  // kept for backups that were cut to go on with
    std::uint64_t revived = 0;
    std::uint64_t checkpoints = 0;  // hidden snapshots that a later one has made useless
    std::uint64_t leftovers = 0;    // objects that no record names
    std::uint64_t leftoverBytes = 0;
    PruneCount postponed;  // to be repacked, but there was no room for the copies

    /// Nothing was left undone that could have been done.
    bool complete(const ProblemLog& problems) const {
        return postponed.packs == 0 && problems.count() == 0;
    }
};

/// Frees what no snapshot needs, beside running backups, restores and verifications
/// (docs/locking.md). Cut at any step, the next one goes on. Throws Error(busy) when the repository
/// is being pruned already, (corrupt) when something needed is damaged: then nothing is deleted,
/// (conflict) without write access unless it is a preview, (noSpace), (cancelled).
/// Single packs that could not be copied go to `problems`. Progress: `bytes` of `totalBytes`
/// copied.
PruneResult runPrune(Repository& repository, const PruneSettings& settings, RunProgress& progress,
                     ProblemLog& problems, const CancelToken& cancel);

}  // namespace coffer
