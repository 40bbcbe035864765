#pragma once

#include <string>

#include "core/base/unique_fd.h"
#include "core/source/attributes.h"

namespace coffer {

/// Where an entry of the file system is: the folder it is in, opened without following a symbolic
/// link, and its name there.
struct FilePlace {
    UniqueFd folder;
    std::string name;
};

/// Throws Error(invalidArgument) for a path that is none (object_path.h) and for the root, which is
/// in no folder; else as FileSystemSource.
FilePlace placeOf(const std::string& path);

/// What is there. Throws Error(notFound).
Stat statThere(const FilePlace& place, const std::string& path);

/// Opens a regular file there that exists; anything else is Error(unsupported). `flags` are those
/// of open(2) for reading or writing.
UniqueFd openFileThere(const FilePlace& place, const std::string& path, int flags);

}  // namespace coffer
