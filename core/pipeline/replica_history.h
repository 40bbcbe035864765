#pragma once

#include "core/pipeline/problem_log.h"
#include "core/repository/repository_contents.h"

namespace coffer {

/// Compares the config and the manifest of a replica with those of its repository. The replica may
/// be behind, and segments may be damaged, which goes to `problems`. Throws Error(conflict) when it
/// has another config or records that the repository does not have: then one of the two was written
/// to by somebody else or set back to an older copy, and a person has to say which one counts.
void checkHistory(RepositoryContents& repository, ObjectStore& replica, ProblemLog& problems);

}  // namespace coffer
