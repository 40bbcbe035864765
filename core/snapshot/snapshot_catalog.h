#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/repository/repository.h"
#include "core/snapshot/snapshot.h"

namespace coffer {

/// The snapshots of a repository, oldest first, without hidden ones. One that cannot be read is
/// left out and named by `unreadable`.
std::vector<Snapshot> loadSnapshots(Repository& repository,
                                    std::vector<std::string>* unreadable = nullptr);

/// One of them, as the ledger has it; an origin that the server did not write is left out. Throws
/// Error(untrusted), (corrupt), (notFound).
Snapshot loadSnapshot(Repository& repository, const SnapshotInfo& info);

/// The last of these, which are not none. When it cannot be read, the error names the last that
/// can.
Snapshot loadNewest(Repository& repository, std::span<const SnapshotInfo> snapshots);

/// The snapshot named by "latest", or by its id or the beginning of it (4 digits at least).
/// Throws Error(notFound), or (invalidArgument) when several ids begin so.
Snapshot findSnapshot(Repository& repository, const std::string& name);

/// The same without reading it.
SnapshotInfo findSnapshotInfo(Repository& repository, const std::string& name);

/// The same, or one in the trash.
SnapshotInfo findAnyInfo(Repository& repository, const std::string& name);

/// The same among those in the trash; "latest" is none of them.
SnapshotInfo findForgottenInfo(Repository& repository, const std::string& name);

}  // namespace coffer
