#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace coffer {

/// A command as a program and its arguments, without a shell: words with spaces or tabs between
/// them. What stands in '…' stands for itself; in "…" and outside of quotes a backslash lets the
/// next character stand for itself. No other character means anything. Throws
/// Error(invalidArgument) for a quote that is not closed, a backslash at the end, an octet 0, more
/// than 100 words or 4,096 octets, and when the first word is no absolute path.
std::vector<std::string> commandWords(std::string_view command);

}  // namespace coffer
