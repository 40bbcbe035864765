#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/repository/recovery_kit.h"
#include "management_server/server/server_folder.h"

namespace coffer {

/// What `coffer-server restore` is told.
struct RestoreOrder {
    std::string repository;  // folder with a repository that holds a backup of the server
    RecoveryKit kit;         // its
    std::map<std::string, std::string> moved{};  // where other repositories lie now, by name
    std::string listen{};                        // empty: as before
};

/// What it has done.
struct Restored {
    std::uint64_t number = 0;  // of the backup
    Timestamp time;            // when it was made

    struct RepositoryFound {
        std::string name;
        std::string folder;
        std::string problem;  // empty: taken over; else its first opening tries again
    };
    std::vector<RepositoryFound> repositories;

    /// Records of the audit log that were made after the backup, and are lost; the log says so.
    std::uint64_t lostRecords = 0;
};

/// Brings a server that is lost back from the backup of itself in one of its repositories, into a
/// state folder that is empty or absent. Its repositories are taken over, so that the former
/// server, should it come back, can read but no longer write. What fails leaves the folder empty.
/// Throws Error(alreadyExists), (notFound), (wrongKey), (busy), (unsupported), (corrupt),
/// (untrusted).
Restored restoreServer(ServerFolder& folder, const RestoreOrder& order, const Clock& clock);

}  // namespace coffer
