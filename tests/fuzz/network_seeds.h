#pragma once

#include <vector>

#include "core/base/bytes.h"

namespace coffer {

// Valid samples of what comes over the network and through pipes.

using Samples = std::vector<Bytes>;

Samples nodeIds();  // what stands behind the session's key
Samples objectPaths();
Samples runTokens();  // without their MAC
Samples agentLists();
Samples workerOrders();
Samples workerReports();
Samples storeForms();

}  // namespace coffer
