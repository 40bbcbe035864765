#pragma once

#include <optional>
#include <string>

namespace coffer {

/// The task of "/tasks/NAME/run", percent-decoded (RFC 3986); nothing for any other path, a name of
/// more than 1,024 octets as it comes, and one that has a zero in it.
std::optional<std::string> taskInPath(const std::string& path);

}  // namespace coffer
