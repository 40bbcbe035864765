#pragma once

#include "core/base/cancel.h"
#include "core/pipeline/problem_log.h"
#include "core/repository/repository_config.h"
#include "core/storage/object_store.h"

namespace coffer {

/// Makes what a replica keeps of runs the same as in the repository: what is missing or has another
/// size is copied, what is not here is removed; with `verify` those that are there are read, too,
/// and copied anew when damaged. One that is damaged here is named and not copied.
void copyKeptRuns(ObjectStore& from, ObjectStore& to, const RepositoryConfig& config, bool verify,
                  ProblemLog& problems, const CancelToken& cancel);

}  // namespace coffer
