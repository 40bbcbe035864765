#pragma once

#include <optional>
#include <string_view>

#include "core/repository/ids.h"

namespace coffer {

/// The id of the pack whose object has this name; nothing for any other name.
std::optional<PackId> packNamed(std::string_view name);

/// The same of a snapshot.
std::optional<SnapshotId> snapshotNamed(std::string_view name);

}  // namespace coffer
