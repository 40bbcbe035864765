#pragma once

#include <string>

#include "core/repository/ids.h"
#include "core/storage/disk.h"
#include "core/storage/local_store.h"
#include "management_server/solo/context.h"

namespace coffer::solo {

/// What this machine keeps of one repository outside of it. Safe to share between threads.
///
///     keys/       server-keys and agent-keys: who can use them can read and write the repository
///     databases/  repo.db and the chunk index
///     cache/      journals of backups, temporary files
///     restores/   a mark for each restore that has not ended
///     trash-look  when a verb last looked into the trash (trash_look.h)
///     lock        held by the program that changes the repository
class StateFolder {
  public:
    /// The folder of a repository: the one the user named, else one below COFFER's usual place.
    /// `disk` outlives it. Nothing is made yet.
    StateFolder(Disk& disk, const GlobalOptions& options, const RepositoryId& repository);

    void make();

    /// The keys of a repository are here, of whichever.
    bool hasKeys();

    const std::string& path() const { return path_; }
    LocalStore& keys() { return keys_; }
    std::string databases() const { return path_ + "/databases"; }
    std::string cache() const { return path_ + "/cache"; }
    std::string restoreFolder() const { return path_ + "/restores"; }
    std::string trashLook() const { return path_ + "/trash-look"; }
    std::string lockPath() const { return path_ + "/lock"; }

  private:
    Disk& disk_;
    const std::string path_;
    LocalStore keys_;
};

}  // namespace coffer::solo
