#pragma once

#include <functional>
#include <string>

#include "core/base/clock.h"

namespace coffer {

/// Pieces into which the calendar of a place is cut. Weeks are those of ISO 8601: they begin on
/// Monday.
enum class Period { hour, day, week, month, year };

/// Seconds by which the local time of a place is ahead of UTC at a moment; changes where clocks are
/// put forward and back. `localOffset` (core/base/calendar.h) is the computer's own.
using ZoneOffset = std::function<std::int64_t(Timestamp)>;

/// Says in which piece a moment lies: pieces of a kind have the same number when they are the same,
/// a later one a higher number. The hour that is passed twice when clocks are put back is two.
/// Moments more than 30 million years away count as that far.
std::int64_t periodNumber(Period period, Timestamp time, const ZoneOffset& offset);

/// The piece as people call it: "2026-11-25 14:00", "2026-11-25", "2026-W48", "2026-11", "2026".
std::string periodName(Period period, Timestamp time, const ZoneOffset& offset);

}  // namespace coffer
