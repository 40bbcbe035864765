#pragma once

#include "core/base/unique_fd.h"

namespace coffer {

/// A descriptor above the standard streams: placing one of those in a child must not hit another.
/// Throws Error.
UniqueFd aboveStreams(UniqueFd fd);

/// A pipe to or from a child, above the standard streams and closed in what is executed. Both ends
/// block. Throws Error.
struct ChildPipe {
    UniqueFd read;
    UniqueFd write;

    ChildPipe();
};

/// For our end of a pipe; the child's stays as it is. Throws Error.
void doNotBlock(const UniqueFd& fd);

}  // namespace coffer
