#pragma once

#include <optional>
#include <string>

#include "core/base/file_lock.h"
#include "core/storage/disk.h"

namespace coffer {

// A repository in a folder of this machine: what it has beside its objects. docs/locking.md.

/// The locks of a program that changes a repository, for as long as it does.
struct RepositoryLocks {
    FileLock state;
    FileLock repository;
};

/// Takes both, the state's first; `stateLock` is the path of a file, `folder` the repository's.
/// Waits half a second, since who only looks holds the state's lock for a moment. Throws
/// Error(busy) naming the process that holds one.
RepositoryLocks lockForChange(const std::string& stateLock, const std::string& folder);

/// Takes the state's lock alone, to look; waits as long. Nothing when another program holds it.
std::optional<FileLock> lockToLook(const std::string& stateLock);

/// Puts a README.txt for people into the folder, unless there is one.
void writeReadme(Disk& disk, const std::string& folder);

}  // namespace coffer
