#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace coffer {

// Paths of an object tree: "/" is its root, "/a/b" an entry. Octets, never decoded.

constexpr std::size_t longestObjectPath = std::size_t{1} << 20;

/// Throws Error(invalidArgument), bounded in what it says, unless `path` is absolute and normal: no
/// part empty, "." or "..", no '/' at the end, no octet 0, at most longestObjectPath octets.
void checkObjectPath(std::string_view path);

/// The folder an entry is in; the root is in itself.
std::string parentOfObject(std::string_view path);

/// The last part; empty for the root.
std::string nameOfObject(std::string_view path);

/// `path` for people: printable, and its middle left out when it is long.
std::string shownPath(std::string_view path);

}  // namespace coffer
