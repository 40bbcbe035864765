#pragma once

#include <string>

#include "rescue/node_reader.h"
#include "rescue/snapshot_reader.h"

namespace coffer::rescue {

/// A printable line about a snapshot: id, time of the commit, files, octets, host, paths.
std::string snapshotLine(const Snapshot& snapshot, const RegisteredSnapshot& registered);

/// A printable line about an entry, much as "ls -ln" shows it.
std::string entryLine(const Node& node);

}  // namespace coffer::rescue
