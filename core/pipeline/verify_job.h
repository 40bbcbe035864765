#pragma once

#include <string>
#include <vector>

#include "core/base/cancel.h"
#include "core/pipeline/damage_search.h"
#include "core/pipeline/problem_log.h"
#include "core/pipeline/run_progress.h"
#include "core/pipeline/verify_depth.h"
#include "core/repository/repository.h"

namespace coffer {

struct VerifySettings {
    unsigned workers = 0;  // threads; 0: one for each core
    bool record = true;    // note in the repository which packs are sound and which are not
    VerifyDepth depth{};
};

/// What a verification found.
struct VerifyResult {
    std::uint64_t packs = 0;
    std::uint64_t chunks = 0;
    std::uint64_t storedBytes = 0;  // read and checked
    std::uint64_t rawBytes = 0;     // opened, decompressed and compared with their ids
    std::uint64_t snapshots = 0;
    std::vector<PackId> damaged;            // or missing
    std::vector<PackId> replaced;           // damaged, but sound packs hold it all as well
    std::vector<std::string> unregistered;  // objects that the manifest does not know: leftovers
    DamageReport touched;                   // what was lost of files and folders

    bool sound(const ProblemLog& problems) const {
        return damaged.empty() && problems.count() == 0;
    }
};

/// Checks a repository: the manifest's chain and signatures, each pack as deep as was asked for
/// (its length and directory; also some of its blocks; or every byte against its registered hash,
/// each block's seal, each chunk against its id), that everything trees and lists refer to is
/// there, each snapshot's signature, seal and root. Every finding goes to `problems`, damage also
/// with the files and folders that it touches; only a failing machine or a request to stop ends the
/// run with an Error. Packs found damaged become suspect, so that the next backup stores their
/// chunks again. Only a full verification makes packs verified, acquits a suspect one, and condemns
/// it once all it held has been stored again, or, when nobody can tell what that was, the next time
/// that no snapshot misses anything; from then on it is not looked at any more.
VerifyResult runVerify(Repository& repository, const VerifySettings& settings,
                       RunProgress& progress, ProblemLog& problems, const CancelToken& cancel);

}  // namespace coffer
