#pragma once

#include <string>

namespace coffer {

/// Makes an empty file that only its owner may use, unless there is one: SQLite itself would let
/// everybody read it. Throws Error of errno.
void makeDatabaseFile(const std::string& path);

}  // namespace coffer
