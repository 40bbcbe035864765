#pragma once

#include <optional>
#include <string>
#include <string_view>

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

    /// Takes it together with others that name the same `group` (of one line): nobody takes it
    /// alone meanwhile. The file is made 0660, as far as the umask lets it. Nothing while somebody
    /// holds it alone or for another group, or looks at it at this very moment. Throws
    /// Error(noSpace) when the group does not stand in the file and cannot be written.
    static std::optional<FileLock> tryShare(const std::string& path, std::string_view group);

    /// Throws Error(busy) naming a process of those who hold the lock at `path`, which could not be
    /// had alone, or with `group`.
    [[noreturn]] static void refuse(const std::string& path, std::string_view group = {});

    /// Whether a program holds the lock at `path` alone. Makes and writes nothing; false when there
    /// is no such file. Who takes the lock at this very moment may find it held.
    static bool isHeld(const std::string& path);

    /// Which file of this computer it is, until that starts anew: two paths that name one file give
    /// the same. One line.
    std::string identity() const;

  private:
    explicit FileLock(UniqueFd file) : file_(std::move(file)) {}
    UniqueFd file_;
};

}  // namespace coffer
