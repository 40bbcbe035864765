#pragma once

#include <string>
#include <vector>

#include "core/source/attributes.h"

namespace coffer {

/// The extended attributes of all name spaces, sorted by name; none where the file system has no
/// such thing. One that vanishes meanwhile is left out. `name` is for error texts.
/// Safe to call from any thread.
std::vector<Xattr> readXattrs(int fd, const std::string& name);

/// The same for a descriptor opened with O_PATH, also of a symlink itself. Needs /proc.
std::vector<Xattr> readXattrsOfPinned(int fd, const std::string& name);

}  // namespace coffer
