#pragma once

#include <string>

#include "core/base/clock.h"

namespace coffer::cli {

/// When a day ("2027-01-31") begins here. Throws Error(invalidArgument).
Timestamp beginningOf(const std::string& text);

}  // namespace coffer::cli
