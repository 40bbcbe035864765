#pragma once

#include <map>
#include <string>

#include "core/snapshot/snapshot.h"

namespace coffer {

/// The numbers of a backup under the names by which programs know them (docs/protocol.md, "counts
/// of a snapshot").
std::map<std::string, std::string> countsOf(const BackupStatistics& numbers);

}  // namespace coffer
