#pragma once

#include <string>
#include <vector>

#include "idl/management.hh"
#include "management_server/runs/run_record.h"

namespace coffer {

/// As users see it. `brief`: of its paths only those that fit into a line of a list.
Coffer::RunInfo toRunInfo(const RunRecord& run, bool brief = false);
Coffer::RunProblems toRunProblems(const std::vector<RunProblemRecord>& problems);

/// The first paths that take 2 KiB together: a thousand lines of a list fit into a message.
std::vector<std::string> firstPaths(const std::vector<std::string>& paths);

}  // namespace coffer
