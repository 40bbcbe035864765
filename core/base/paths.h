#pragma once

#include <string_view>

namespace coffer {

/// Whether `path` is `folder` or lies below it: parts with '/' between them, none at the end. All
/// lies within "/".
bool isWithin(std::string_view path, std::string_view folder);

}  // namespace coffer
