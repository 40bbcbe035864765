#pragma once

#include "core/repository/repository.h"

namespace coffer {

/// Throws Error(conflict), naming some of them and the last date, while snapshots are locked: what
/// holds their data is not to be deleted (docs/retention.md). Also those in the trash and hidden
/// ones.
void requireNoLocks(Repository& repository, Timestamp now);

}  // namespace coffer
