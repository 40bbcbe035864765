#pragma once

#include <string>
#include <string_view>

namespace coffer::cli {

/// Writes a text durably into a new file that only its owner may read. Throws Error(alreadyExists);
/// a file that could not be written in full is removed again.
void writeNewFile(const std::string& path, std::string_view text);

}  // namespace coffer::cli
