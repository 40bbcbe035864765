#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/storage/object_store.h"

namespace coffer {

/// Names of which the order is that of their numbers: `prefix` and 16 hexadecimal digits.
std::string numberedName(std::string_view prefix, std::uint64_t number);

/// The number of such a name, which begins with `prefix`; nothing for any other.
std::optional<std::uint64_t> numberOf(std::string_view prefix, std::string_view name);

/// Such names of a store, in their order; others are passed over. Throws what listing throws.
std::vector<std::string> numberedNames(ObjectStore& store, std::string_view prefix);

}  // namespace coffer
