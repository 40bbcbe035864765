#pragma once

#include <cstdint>
#include <vector>

#include "core/base/cancel.h"
#include "core/pipeline/damage_search.h"
#include "core/pipeline/run_progress.h"
#include "core/repository/repository.h"

namespace coffer {

/// What can be done about a suspect pack.
struct PackRepair {
    PackId pack;
    bool readable = false;               // its directory; else nothing tells what it held
    bool newer = false;                  // only a newer version can read it: it is left alone
    std::vector<std::uint32_t> salvage;  // sound blocks with chunks that lie nowhere else
    std::uint64_t salvageBytes = 0;      // sealed, of these blocks
    std::uint64_t savedChunks = 0;       // that sound packs hold as well
    std::uint64_t salvageChunks = 0;     // sound, and nowhere else
    std::uint64_t lostChunks = 0;        // in no sound block of any pack
    bool condemn = false;                // afterwards nobody needs it any more
};

struct RepairPlan {
    std::uint64_t generation = 0;  // that it was made of
    std::vector<PackRepair> packs;
    DamageReport damage;  // what stays lost until a backup brings it again
};

/// Looks at the packs that verifications found damaged, and reads what is left of them; changes
/// nothing.
RepairPlan planRepair(Repository& repository, const CancelToken& cancel);

struct RepairResult {
    std::vector<PackId> written;    // new packs, read again and verified
    std::vector<PackId> condemned;  // all that was sound in them lies elsewhere
    std::uint64_t chunks = 0;       // salvaged
};

/// Carries a plan out: copies the sound chunks of damaged packs that lie nowhere else into new
/// packs of the server's own (Repacker), which are read again, and only then condemns the packs
/// that nobody needs any more. One that held what is lost and snapshots need stays suspect, so that
/// the next backup knows what to send. Manifest and snapshots are left alone. Can be done again
/// after a crash at any point, and beside backups: what a snapshot committed since the plan may
/// need stays suspect, and a session's commit takes back what was condemned beside it
/// (docs/locking.md). `repository` is open for writing.
RepairResult runRepair(Repository& repository, const RepairPlan& plan, RunProgress& progress,
                       const CancelToken& cancel);

}  // namespace coffer
