#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/agent/object_tree.h"
#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "management_server/runs/server_work.h"

namespace coffer {

/// What runs of kind "synchronise" need; the clock outlives them.
struct SynchroniseParts {
    /// The tree of an agent for one run, whose cancel token outlives it. `wasThere`: it is waited
    /// for at the first call, too, as it may be attaching to a server that has just begun.
    std::function<std::unique_ptr<ObjectTree>(const std::string& agent, const CancelToken& cancel,
                                              bool wasThere)>
        tree;

    /// By what an agent is known whatever its name. Throws when there is none of that name.
    std::function<std::string(const std::string& agent)> idOf;
    const Clock& clock;
    std::string folder;  // for what is remembered; made when it is missing
};

/// Carries out runs of kind "synchronise" (docs/synchronise.md). Runs that write where others read
/// or write wait for these. Problems with single entries make one end with warnings.
FreeWork synchroniseWork(SynchroniseParts parts);

}  // namespace coffer
