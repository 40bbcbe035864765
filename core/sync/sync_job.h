#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/sync/sync_performer.h"

namespace coffer {

struct SyncSettings {
    SyncRules rules;
    SyncFilter filter;
    unsigned mostDeleted = 50;  // % of the entries of a side; with 100 nothing is too much
    bool preview = false;       // nothing is changed, each change is noted
};

/// What a synchronisation works with; all of it outlives it.
struct SyncParts {
    SyncPair& pair;
    bool oneTree = false;  // both trees are one and the same
    SyncStore& store;
    std::function<void(std::uint64_t octets)> throttle;
    SyncNotes note;
    const Clock& clock;
    RunProgress& progress;
    ProblemLog& problems;
    const CancelToken& cancel;
};

/// Makes two folders the same (docs/synchronise.md): looks at both first, stops with
/// Error(conflict) when too much would be deleted or a side that had something is empty or gone,
/// and then does what is to be done. What goes wrong with single entries is a problem. When it is
/// cut, the next one goes on with what is left.
SyncCounts synchronise(const SyncParts& parts, const SyncSettings& settings);

}  // namespace coffer
