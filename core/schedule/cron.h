#pragma once

#include <bitset>
#include <string_view>

#include "core/schedule/day_rule.h"

namespace coffer {

/// A cron expression as in crontab(5): minute, hour, day of the month, month, day of the week, each
/// with lists, ranges, steps and names. When neither of the two days begins with '*', one of them
/// is enough. Day of the week 0 and 7 are Sunday. A value.
struct Cron {
    std::bitset<60> minutes;
    std::bitset<24> hours;
    bool everyHour = false;  // the field of hours begins with '*'
    DayRule days;

    /// Throws Error(invalidArgument) that names field and word.
    static Cron parse(std::string_view text);
};

}  // namespace coffer
