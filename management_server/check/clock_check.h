#pragma once

#include <optional>

#include "core/base/clock.h"
#include "management_server/check/finding.h"

namespace coffer {

/// Compares the clock with the newest time that the server has written down and the newest of its
/// files: an error when it is more than a minute behind one of them, a warning when it is more than
/// a year ahead of both.
Finding checkClock(Timestamp now, std::optional<Timestamp> lastEvent,
                   std::optional<Timestamp> newestFile);

}  // namespace coffer
