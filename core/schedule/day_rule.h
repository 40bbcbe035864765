#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <set>

#include "core/base/calendar.h"
#include "core/schedule/words.h"

namespace coffer {

/// Which days of the calendar a schedule is on. A value; safe to share once it is made.
struct DayRule {
    std::int64_t everyDays = 1;  // counted from 1970-01-01
    std::bitset<13> months = std::bitset<13>().set();
    words::Weekdays weekdays = words::Weekdays().set();
    std::bitset<32> monthDays = std::bitset<32>().set();
    bool lastDay = false;                          // of the month, beside monthDays
    std::array<words::Weekdays, 6> nthWeekdays{};  // 1: the first of the month … 5: the last
    bool eitherDay = false;                        // monthDays or weekdays is enough (cron)

    std::set<CivilDate> notOn = {};  // dates; of year 0: in every year

    /// Whether it is on at a day counted from 1970-01-01.
    bool isOn(std::int64_t day) const;

    /// Whether there is any such day (the calendar comes again after 400 years).
    bool isEverOn() const;

  private:
    bool isOnDate(std::int64_t day, const CivilDate& date) const;
};

}  // namespace coffer
