#pragma once

#include <string>

#include "core/console/json.h"
#include "core/pipeline/damage_search.h"

namespace coffer::solo {

// What damage touches, as verify, damage and repair show it.

/// {"snapshots": […], "entries": [{"path", "folder", "size", "snapshots", "snapshotCount"}],
/// "more": …}
Json jsonOf(const DamageReport& report);

/// "12 files and folders"
std::string lostText(const DamageReport& report);

}  // namespace coffer::solo
