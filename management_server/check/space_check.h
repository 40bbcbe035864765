#pragma once

#include <cstdint>

#include "management_server/check/finding.h"

namespace coffer {

/// How full the file system of a folder is, in octets.
struct Space {
    std::uint64_t free = 0;
    std::uint64_t total = 0;
};

/// Throws Error of errno.
Space spaceOf(const std::string& folder);

/// A warning below 5 % or 1 GiB, an error below 256 MiB, of which is less.
Finding checkSpace(const std::string& subject, const std::string& folder, const Space& space);

}  // namespace coffer
