#pragma once

#include <vector>

#include "idl/management.hh"
#include "management_server/runs/run_record.h"

namespace coffer {

/// As users see it. `brief`: of its paths only those that fit into a line of a list.
Coffer::RunInfo toRunInfo(const RunRecord& run, bool brief = false);
Coffer::RunProblems toRunProblems(const std::vector<RunProblemRecord>& problems);

}  // namespace coffer
