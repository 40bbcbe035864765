#pragma once

#include <optional>
#include <vector>

#include "core/repository/repository.h"
#include "management_server/runs/run_record.h"
#include "management_server/runs/run_result.h"

namespace coffer {

/// The id under which a backup commits, whichever of its attempts does: the store refuses any
/// other, so that no run makes two snapshots. Of runs with one number at servers that came one
/// after the other, the time of the order differs.
SnapshotId snapshotOf(const RunRecord& run, const RepositoryId& repository);

/// What a backup has come to whose snapshot of `agent` is in the repository, though nobody was
/// told; a result of its last attempt. Nothing when it is not there.
std::optional<RunResultRecord> resultOfCommit(const RunRecord& run, const AgentId& agent,
                                              Repository& repository);

/// Packs of the repository that this snapshot may count on, and of which it is not known whether
/// they are sound: nobody has verified them, or they turned out damaged behind generation `since`,
/// at which its backup had not begun.
struct UnprovenPacks {
    std::vector<PackInfo> received;
    std::vector<PackInfo> damaged;

    bool empty() const { return received.empty() && damaged.empty(); }
};
UnprovenPacks unprovenPacksOf(Repository& repository, const SnapshotId& snapshot,
                              std::uint64_t since);

}  // namespace coffer
