#pragma once

#include <string_view>

#include "core/base/unique_fd.h"

namespace coffer {

/// Opens the folder `path` (relative, '/' between parts, any length; "" is `base` itself) below the
/// open folder `base` for reading. The path is a checked one: no part of it is "", "." or "..".
/// No part is followed when it is a symlink: Error(conflict). Other failures as errno says.
UniqueFd openFolderBeneath(int base, std::string_view path);

/// The same for kernels without openat2 (before 5.6): one part after the other.
UniqueFd openFolderBeneathByParts(int base, std::string_view path);

/// Opens a user's path to a folder, symlinks followed, any length; the missing parts of it are made
/// with mode 0700.
UniqueFd openOrMakeFolder(std::string_view path);

}  // namespace coffer
