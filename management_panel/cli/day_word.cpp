#include "management_panel/cli/day_word.h"

#include <cstdio>

#include "core/base/calendar.h"
#include "core/base/error.h"
#include "core/console/format.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

Timestamp beginningOf(const std::string& text) {
    int year = 0;
    CivilDate date;
    char rest = 0;
    const int read =
        std::sscanf(text.c_str(), "%4d-%2d-%2d%c", &year, &date.month, &date.day, &rest);
    date.year = year;
    if (read != 3 || date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31 ||
        civilDate(daysOf(date)) != date) {
        throw Error(ErrorCode::invalidArgument, shown(text) + ": write a day as 2027-01-31");
    }
    const std::int64_t utc = daysOf(date) * 86400;
    return {utc - localOffset({utc, 0}), 0};
}

}  // namespace coffer::cli
