#pragma once

#include <string>

namespace coffer {

/// Throws Error(invalidArgument) when a folder above `path` is a repository or a replica, as its
/// config tells (docs/formats/repository.md): what is written there would come between its objects.
/// `path` need not exist; the symbolic links in it that do are followed.
void requireOutsideRepositories(const std::string& path);

}  // namespace coffer
