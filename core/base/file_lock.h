#pragma once

#include <optional>
#include <string>

#include "core/base/unique_fd.h"

namespace coffer {

/// A lock between programs, held while the object lives; the system drops it when the program dies.
class FileLock {
  public:
    /// Takes the lock at `path` (a file made 0600 when missing) and writes the program's process id
    /// into it. Nothing when another program holds it.
    static std::optional<FileLock> tryTake(const std::string& path);

    /// The same, but throws Error(busy) naming the process that holds it.
    static FileLock take(const std::string& path);

    /// Whether a program holds the lock at `path`. Makes and writes nothing; false when there is
    /// no such file. Who takes the lock at this very moment may find it held.
    static bool isHeld(const std::string& path);

  private:
    explicit FileLock(UniqueFd file) : file_(std::move(file)) {}
    UniqueFd file_;
};

}  // namespace coffer
