#pragma once

#include <cstdio>
#include <string>

#include "core/base/calendar.h"
#include "core/base/error.h"
#include "core/schedule/time_zone.h"

namespace coffer {

/// Local time as text of one form, for tests to read.
inline std::string shownLocal(std::int64_t utc, const TimeZone& zone) {
    const std::int64_t local = zone.toLocal(utc);
    const std::int64_t day = floorDivide(local, 86'400);
    const CivilDate date = civilDate(day);
    const auto seconds = static_cast<int>(local - day * 86'400);
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d", static_cast<int>(date.year),
                  date.month, date.day, seconds / 3600, seconds / 60 % 60, seconds % 60);
    return text;
}

/// "2026-03-29 02:30" as seconds of that clock; no checks.
inline std::int64_t localSeconds(const char* text) {
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    if (std::sscanf(text, "%d-%d-%d %d:%d", &year, &month, &day, &hour, &minute) != 5) {
        throw Error(ErrorCode::invalidArgument, text);
    }
    return daysOf({year, month, day}) * 86'400 + hour * 3600 + minute * 60;
}

/// That moment in a zone.
inline Timestamp at(const char* local, const TimeZone& zone) {
    return {zone.toUtc(localSeconds(local)), 0};
}

}  // namespace coffer
