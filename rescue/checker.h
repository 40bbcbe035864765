#pragma once

#include <cstdint>

#include "rescue/opened_repository.h"
#include "rescue/problem_report.h"

namespace coffer::rescue {

struct CheckSummary {
    std::uint64_t packs = 0;
    std::uint64_t chunks = 0;
    std::uint64_t snapshots = 0;
};

/// Reads all of a repository and checks every signature (done in opening it), digest, seal and
/// chunk id, and that each snapshot has all that it names. Reports damaged packs and blocks, and
/// what of which snapshot is lost by that: each folder once, however many snapshots have it.
CheckSummary checkRepository(const OpenedRepository& repository, ProblemReport& report);

}  // namespace coffer::rescue
