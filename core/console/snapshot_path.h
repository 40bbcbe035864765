#pragma once

#include <string>
#include <string_view>

namespace coffer {

/// A place in a snapshot as it stands on the command line: SNAPSHOT or SNAPSHOT:PATH.
struct SnapshotPath {
    std::string snapshot;  // "latest", an id or the beginning of one
    std::string path;      // absolute, without empty parts; "/" for the whole snapshot
};

/// Cuts at the first colon. A path without a leading slash begins at the root all the same; slashes
/// too many are passed over.
/// Throws Error(invalidArgument) for an empty name.
SnapshotPath snapshotPath(std::string_view text);

}  // namespace coffer
