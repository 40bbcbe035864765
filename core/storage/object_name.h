#pragma once

#include <string_view>

namespace coffer {

/// Whether `name` keeps to the rules of ObjectStore. The first part must not be "tmp" either,
/// where a local store keeps what is not complete.
bool isObjectName(std::string_view name);

/// Throws Error(invalidArgument) unless `prefix` is empty or an object name and a '/'.
void checkObjectPrefix(std::string_view prefix);

}  // namespace coffer
