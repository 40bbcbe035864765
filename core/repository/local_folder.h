#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/file_lock.h"
#include "core/storage/disk.h"

namespace coffer {

// A repository in a folder of this machine: what it has beside its objects. docs/locking.md.

/// The locks of a program that changes a repository, for as long as it does.
struct RepositoryLocks {
    FileLock state;
    FileLock repository;
    std::optional<FileLock> program{};  // of one of those that share it
};

/// Takes both, the state's first; `stateLock` is the path of a file, `folder` the repository's.
/// Waits half a second, since who only looks holds the state's lock for a moment. Throws
/// Error(busy) naming the process that holds one.
RepositoryLocks lockForChange(const std::string& stateLock, const std::string& folder);

/// The same for one of several programs that have one state folder and share the repository, each
/// of which is there once. Throws Error(busy) also for programs of another state.
RepositoryLocks lockToShare(const std::string& stateLock, const std::string& folder,
                            const std::string& programLock);

/// Makes empty files where there are none, as the disk makes files: of locks and databases that
/// programs of several users are to open, whoever comes first.
void makeFiles(Disk& disk, const std::vector<std::string>& paths);

/// Takes the state's lock alone, to look; waits as long. Nothing when another program holds it.
std::optional<FileLock> lockToLook(const std::string& stateLock);

/// Puts a README.txt for people into the folder, unless there is one.
void writeReadme(Disk& disk, const std::string& folder);

}  // namespace coffer
