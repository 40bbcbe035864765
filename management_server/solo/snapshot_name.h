#pragma once

#include <string>

#include "core/console/snapshot_path.h"
#include "core/repository/ids.h"

namespace coffer::solo {

/// As snapshots are named in tables: the first eight digits.
inline std::string shortName(const SnapshotId& id) {
    return id.hex().substr(0, 8);
}

}  // namespace coffer::solo
