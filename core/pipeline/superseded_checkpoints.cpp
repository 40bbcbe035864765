#include "core/pipeline/superseded_checkpoints.h"

#include <algorithm>
#include <map>

#include "core/base/error.h"
#include "core/snapshot/snapshot.h"

namespace coffer {

namespace {

using Paths = std::vector<std::string>;

std::optional<Paths> pathsOf(Repository& repository, const SnapshotInfo& info) {
    try {
        const SnapshotRegistration& it = info.registration;
        Paths paths = Snapshot::decodeBody(it.id, repository.snapshotBody(it)).paths;
        std::ranges::sort(paths);
        return paths;
    } catch (const Error& error) {
        if (!isPackDamage(error.code()) && error.code() != ErrorCode::unsupported) throw;
        return {};
    }
}

}  // namespace

std::vector<SnapshotId> supersededCheckpoints(Repository& repository) {
    const std::vector<SnapshotInfo> snapshots = repository.ledger().snapshots();
    std::map<std::pair<AgentId, Paths>, std::vector<SnapshotId>> open;
    std::vector<SnapshotId> superseded;
    for (const SnapshotInfo& info : snapshots) {
        const bool agentHasOpen = std::ranges::any_of(
            open, [&](const auto& it) { return it.first.first == info.registration.agent; });
        if (!info.registration.hidden && !agentHasOpen) continue;  // the usual case: not looked at
        const auto paths = pathsOf(repository, info);
        if (!paths) continue;
        std::vector<SnapshotId>& before = open[{info.registration.agent, *paths}];
        superseded.insert(superseded.end(), before.begin(), before.end());
        before.clear();
        if (info.registration.hidden) before.push_back(info.registration.id);
    }
    return superseded;
}

}  // namespace coffer
