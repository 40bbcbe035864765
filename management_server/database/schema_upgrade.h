#pragma once

#include <cstdint>
#include <string>

#include "core/repository/sqlite.h"

namespace coffer {

/// So many copies of before an upgrade are kept beside server.db.
constexpr std::size_t keptUpgradeCopies = 3;

/// Brings server.db, opened from `path`, to the present schema. What an older program has written
/// is first copied to `path`.before-N, N being the first schema that it is brought to. `free`:
/// octets that may still be written there. Throws Error(noSpace) before anything has changed when
/// the copy would not fit, (unsupported) for a newer schema.
void upgradeServerSchema(SqlDatabase& database, const std::string& path, std::uint64_t free);

}  // namespace coffer
