#pragma once

#include "core/pipeline/problem_log.h"
#include "core/repository/repository.h"

namespace coffer {

/// Checks the small objects that say what a repository is and whose, beside its config and its
/// manifest: the key object, without which the recovery kit opens nothing, the owner and the mark
/// of the store; likewise what the server keeps there of itself and of runs. What is wrong, or
/// cannot be read, goes to `problems`.
void checkIdentity(Repository& repository, ProblemLog& problems);

}  // namespace coffer
