#pragma once

#include <string>

#include "core/repository/recovery_kit.h"
#include "core/storage/disk.h"

namespace coffer::solo {

/// Reads a recovery kit from a file, or from standard input for "-".
RecoveryKit readKit(Disk& disk, const std::string& file);

/// Writes its text durably into a new file that only its owner may read, or to standard output for
/// "-". Throws Error(alreadyExists).
void writeKit(Disk& disk, const std::string& file, const std::string& text);

}  // namespace coffer::solo
