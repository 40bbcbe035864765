#pragma once

#include "core/base/cancel.h"
#include "core/base/retry.h"
#include "core/pipeline/problem_log.h"
#include "core/repository/server_backup.h"

namespace coffer {

/// Makes the server's backups in a replica those of the repository: what is not there is copied,
/// what is not here is removed; with `verify` those that are there are read, too, and copied anew
/// when damaged. One that is damaged here is named and not copied.
void copyServerBackups(ObjectStore& from, ObjectStore& to, const RepositoryConfig& config,
                       bool verify, const Retry& retry, ProblemLog& problems,
                       const CancelToken& cancel);

}  // namespace coffer
