#pragma once

#include <optional>
#include <string>

#include "tools/tree_compare/entry.h"

namespace coffer::tree_compare {

/// Where the content of two open files of the same size differs first, as a text; nothing when it
/// does not. Stretches that are holes in both are not read.
std::optional<std::string> contentDifference(const Entry& a, const Entry& b);

/// The first hole of 64 KiB or more of `a` in which `b` has data, as a text.
std::optional<std::string> holeDifference(const Entry& a, const Entry& b);

}  // namespace coffer::tree_compare
