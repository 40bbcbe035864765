#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "core/console/json.h"
#include "idl/management.hh"

namespace coffer::cli {

/// As tables name a snapshot: the first eight digits of its id.
std::string shortName(std::string_view id);

/// By what a program knows whose snapshots are: in a network by the agent.
enum class Origin { agent, host };

/// {"id": …, "started": …, "paths": [], "statistics": {}} (docs/cli.md, docs/coffer.md).
Json jsonOf(const Coffer::SnapshotInfo& snapshot, Origin origin);

/// A line for each, for people; below, as soon as any was, when each source was last proven.
void printTable(std::ostream& out, const Coffer::SnapshotInfos& snapshots, Origin origin);

}  // namespace coffer::cli
