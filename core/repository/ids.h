#pragma once

#include "core/base/digest.h"

namespace coffer {

using RepositoryId = Id<16, struct RepositoryIdTag>;  // of the data: replicas share it
using StoreId = Id<16, struct StoreIdTag>;            // of one copy of it
using PackId = Id<16, struct PackIdTag>;
using AgentId = Id<16, struct AgentIdTag>;
using DomainId = Id<16, struct DomainIdTag>;  // a dedup domain
using SnapshotId = Id<16, struct SnapshotIdTag>;
using SessionId = Id<16, struct SessionIdTag>;
using OwnerId = Id<16, struct OwnerIdTag>;  // the server state that may write

}  // namespace coffer
