#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "core/console/json.h"
#include "core/pipeline/damage_search.h"

namespace coffer::solo {

// What damage touches, as verify, damage and repair show it.

/// An array of ids, in hexadecimal.
template <class Id>
Json idsJson(const std::vector<Id>& list) {
    Json ids = Json::array();
    for (const Id& id : list) ids.push_back(id.hex());
    return ids;
}

/// {"snapshots": […], "entries": [{"path", "folder", "size", "snapshots", "snapshotCount"}],
/// "more": …}
Json jsonOf(const DamageReport& report);

/// A table of the entries.
void printLost(std::ostream& out, const DamageReport& report);

/// "12 files and folders"
std::string lostText(const DamageReport& report);

}  // namespace coffer::solo
