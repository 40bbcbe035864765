#pragma once

#include <string>
#include <string_view>

#include "core/repository/ids.h"

namespace coffer::solo {

/// A place in a snapshot as it stands on the command line: SNAPSHOT or SNAPSHOT:PATH.
struct SnapshotPath {
    std::string snapshot;  // "latest", an id or the beginning of one
    std::string path;      // absolute; "/" for the whole snapshot
};

/// Cuts at the first colon. A path without a leading slash begins at the root all the same.
/// Throws Error(invalidArgument) for an empty name.
SnapshotPath snapshotPath(std::string_view text);

/// As snapshots are named in tables: the first eight digits.
inline std::string shortName(const SnapshotId& id) {
    return id.hex().substr(0, 8);
}

}  // namespace coffer::solo
