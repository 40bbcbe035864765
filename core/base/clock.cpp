#include "core/base/clock.h"

#include <chrono>
#include <cstdio>

namespace coffer {

namespace {
constexpr std::int64_t nanosPerSecond = 1'000'000'000;
}

Timestamp operator+(Timestamp time, std::int64_t nanoseconds) {
    std::int64_t nanos = static_cast<std::int64_t>(time.nanoseconds) + nanoseconds % nanosPerSecond;
    std::int64_t seconds = time.seconds + nanoseconds / nanosPerSecond;
    if (nanos < 0) {
        nanos += nanosPerSecond;
        --seconds;
    } else if (nanos >= nanosPerSecond) {
        nanos -= nanosPerSecond;
        ++seconds;
    }
    return {seconds, static_cast<std::uint32_t>(nanos)};
}

// Civil date from a day count: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
std::string toIso8601(Timestamp time) {
    std::int64_t days = time.seconds / 86400;
    std::int64_t rest = time.seconds % 86400;
    if (rest < 0) {
        rest += 86400;
        --days;
    }
    days += 719468;
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const std::int64_t dayOfEra = days - era * 146097;
    const std::int64_t yearOfEra =
        (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
    const std::int64_t dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    const std::int64_t shifted = (5 * dayOfYear + 2) / 153;
    const std::int64_t day = dayOfYear - (153 * shifted + 2) / 5 + 1;
    const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    const std::int64_t year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    char text[64];
    std::snprintf(text, sizeof text, "%04lld-%02lld-%02lldT%02lld:%02lld:%02lldZ",
                  static_cast<long long>(year), static_cast<long long>(month),
                  static_cast<long long>(day), static_cast<long long>(rest / 3600),
                  static_cast<long long>(rest / 60 % 60), static_cast<long long>(rest % 60));
    return text;
}

Timestamp SystemClock::now() const {
    const auto sinceEpoch = std::chrono::system_clock::now().time_since_epoch();
    return Timestamp{} + std::chrono::duration_cast<std::chrono::nanoseconds>(sinceEpoch).count();
}

}  // namespace coffer
