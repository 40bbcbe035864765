#pragma once

#include <cstdint>
#include <string>

namespace coffer::cli {

/// "90s", "15m", "24h", "7d"; a plain number counts seconds. Throws Error(invalidArgument), also
/// for 0 and for more than a year.
std::uint32_t secondsIn(const std::string& text);

/// For words on the command line: the text that says what is wrong, or nothing.
std::string checkDuration(std::string& word);

}  // namespace coffer::cli
