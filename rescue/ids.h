#pragma once

#include "core/base/digest.h"

namespace coffer::rescue {

// What names things in a repository (docs/formats/primitives.md).
using RepositoryId = Id<16, struct RepositoryIdTag>;
using PackId = Id<16, struct PackIdTag>;
using SnapshotId = Id<16, struct SnapshotIdTag>;
using AgentId = Id<16, struct AgentIdTag>;
using DomainId = Id<16, struct DomainIdTag>;

}  // namespace coffer::rescue
