#include "core/base/clock.h"

#include <chrono>
#include <cstdio>

#include "core/base/calendar.h"

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

std::string toIso8601(Timestamp time) {
    const std::int64_t days = floorDivide(time.seconds, 86400);
    const std::int64_t rest = time.seconds - days * 86400;
    const CivilDate date = civilDate(days);
    char text[64];
    std::snprintf(text, sizeof text, "%04lld-%02d-%02dT%02lld:%02lld:%02lldZ",
                  static_cast<long long>(date.year), date.month, date.day,
                  static_cast<long long>(rest / 3600), static_cast<long long>(rest / 60 % 60),
                  static_cast<long long>(rest % 60));
    return text;
}

Timestamp SystemClock::now() const {
    const auto sinceEpoch = std::chrono::system_clock::now().time_since_epoch();
    return Timestamp{} + std::chrono::duration_cast<std::chrono::nanoseconds>(sinceEpoch).count();
}

}  // namespace coffer
