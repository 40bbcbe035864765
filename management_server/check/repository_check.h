#pragma once

#include <optional>
#include <string>

#include "core/storage/disk.h"
#include "management_server/check/finding.h"
#include "management_server/repositories/server_repositories.h"

namespace coffer {

/// What is known when a repository is looked at. The disk outlives it.
struct RepositoryCheckPlace {
    Disk& disk;
    std::string state;                   // the server's state folder
    bool serverRuns = false;             // and so holds the locks
    bool wantsBackup = true;             // the server saves itself there
    std::optional<Timestamp> lastEvent;  // in server.db
    Timestamp now;
};

/// Looks at a repository without changing anything: whether it is there, the keys fit, this server
/// is its owner, who holds its lock, whether its manifest is dated ahead of the clock, whether the
/// recovery kit is confirmed, and the newest of the server's own backups. Never throws.
Findings checkRepository(const RepositoryRecord& record, const RepositoryCheckPlace& place);

}  // namespace coffer
