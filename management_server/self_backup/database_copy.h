#pragma once

#include <string>

#include "core/storage/disk.h"

namespace coffer {

/// A copy of server.db as it was at one moment, in a file beside it that goes with this object.
/// Calls to the server go on while it is made. Used by one thread.
class DatabaseCopy {
  public:
    /// `database` is the path of server.db; the disk outlives it. Throws Error(noSpace) before it
    /// begins when there is no room for it, (limitExceeded) over 64 GiB, and what SQLite throws.
    DatabaseCopy(Disk& disk, const std::string& database);
    ~DatabaseCopy();
    DatabaseCopy(const DatabaseCopy&) = delete;
    DatabaseCopy& operator=(const DatabaseCopy&) = delete;

    const std::string& path() const { return path_; }

  private:
    Disk& disk_;
    const std::string path_;
};

}  // namespace coffer
