#pragma once

#include <string>

#include "core/base/unique_fd.h"

namespace coffer {

/// Opens the folder at an absolute path of any length for listing, without touching its access
/// time where that is possible. No part of the path is followed if it is a symlink.
/// Errors as in FileSystemSource. Safe to call from any thread.
UniqueFd openFolderPath(const std::string& path);

/// The same for kernels without openat2: one part after the other.
UniqueFd openFolderPathByParts(const std::string& path);

/// openat(2), close-on-exec and never the controlling terminal, repeated when a signal came; with
/// O_NOATIME, given up where the system forbids it. No descriptor and errno on failure.
UniqueFd openNoAtime(int folder, const char* name, int flags);

}  // namespace coffer
