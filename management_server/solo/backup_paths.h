#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace coffer::solo {

/// The path made absolute, symbolic links resolved. Throws Error(notFound).
std::string resolvedPath(const std::string& path);

/// A pattern that names this folder and nothing else.
std::string patternOf(const std::string& folder);

/// The patterns of a file as git reads them: a line each, without empty lines, comments and
/// trailing spaces that no backslash keeps.
std::vector<std::string> patternsIn(std::string_view text);

/// The same from a file. Throws Error(notFound), (ioError).
std::vector<std::string> patternsFrom(const std::string& file);

}  // namespace coffer::solo
