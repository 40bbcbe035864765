#pragma once

#include <map>
#include <vector>

#include "management_server/status/status_keeper.h"
#include "management_server/tasks/tasks.h"

namespace coffer {

/// What the backups among the tasks, those that are enabled, say of the sources they are to
/// protect. Of two tasks for a source, the one that warns earlier counts.
std::map<SourceName, StatusKeeper::Plan> plansOf(const std::vector<KnownTask>& tasks);

}  // namespace coffer
