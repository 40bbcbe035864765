#pragma once

#include <string>

#include "core/base/unique_fd.h"

namespace coffer {

/// A mutex between programs: for a step that several of them take in turn. The system lets go of it
/// when a program dies. For std::lock_guard; used by one thread at a time (two of one program would
/// not wait for each other). Whoever waits does so without limit.
class FileMutex {
  public:
    /// The file is made 0660, as far as the umask lets it, when missing.
    explicit FileMutex(const std::string& path);

    void lock();
    void unlock() noexcept;

  private:
    const std::string path_;
    const UniqueFd file_;
};

}  // namespace coffer
