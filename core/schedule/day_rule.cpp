#include "core/schedule/day_rule.h"

namespace coffer {

namespace {
constexpr std::int64_t daysOfCalendar = 146'097;  // 400 years
constexpr std::size_t last = 5;
}  // namespace

bool DayRule::isOn(std::int64_t day) const {
    if (everyDays > 1 && floorDivide(day, everyDays) * everyDays != day) return false;
    const CivilDate date = civilDate(day);
    if (!months.test(static_cast<std::size_t>(date.month)) || !isOnDate(day, date)) return false;
    return !notOn.contains(date) && !notOn.contains({0, date.month, date.day});
}

bool DayRule::isOnDate(std::int64_t day, const CivilDate& date) const {
    const auto weekday = static_cast<std::size_t>(weekdayOf(day));
    const bool byWeekday = weekdays.test(weekday);
    const bool byNumber = monthDays.test(static_cast<std::size_t>(date.day));
    if (eitherDay) return byWeekday || byNumber;
    if (byWeekday && byNumber) return true;
    const int left = daysInMonth(date.year, date.month) - date.day;
    const auto nth = static_cast<std::size_t>((date.day - 1) / 7 + 1);
    return (lastDay && left == 0) || (nth < last && nthWeekdays[nth].test(weekday)) ||
           (left < 7 && nthWeekdays[last].test(weekday));
}

bool DayRule::isEverOn() const {
    for (std::int64_t day = 0; day < daysOfCalendar; ++day) {
        if (isOn(day)) return true;
    }
    return false;
}

}  // namespace coffer
