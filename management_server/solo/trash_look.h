#pragma once

#include <optional>
#include <string>

#include "core/base/clock.h"

namespace coffer::solo {

/// Notes in the file that a verb looks into the trash now, and gives when one did so before, an
/// hour ago or more: what was due by then somebody could have taken back since, also if the clock
/// has jumped ahead by now. Nothing when there was none, the clock was ahead then, or the file
/// cannot be written. Looks within the hour are not noted.
std::optional<Timestamp> lookIntoTrash(const std::string& file, Timestamp now);

}  // namespace coffer::solo
