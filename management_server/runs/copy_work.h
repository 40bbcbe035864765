#pragma once

#include <string>

#include "core/rpc/store/repository_provider.h"
#include "management_server/runs/copy_choice.h"
#include "management_server/runs/server_work.h"

namespace coffer {

/// What runs of kind "copy" need; all of it outlives them.
struct CopyParts {
    rpc::RepositoryProvider& repositories;
    std::function<AgentNaming()> agentNames;
    std::string mapFolder;  // canonical; made when it is missing
};

/// Carries out runs of kind "copy": copies snapshots of the run's repository into the one that
/// is its target (docs/copies.md). One that is there is passed over, as is one that was copied
/// before and forgotten there since, unless it is named. What cannot be copied makes the run end
/// with warnings and keeps no other from it.
ServerWork copyWork(CopyParts parts);

}  // namespace coffer
