#pragma once

#include <string>
#include <vector>

#include "tools/tree_compare/entry.h"

namespace coffer::tree_compare {

/// A text per attribute in which two entries differ. Of entries of different types, the type alone.
std::vector<std::string> attributeDifferences(const Entry& a, const Entry& b, bool withMtime);

}  // namespace coffer::tree_compare
