#include "management_server/repositories/steady_time.h"

#include <cstdlib>

namespace coffer {

std::int64_t SteadyTime::look(Timestamp now, std::chrono::steady_clock::time_point tick) {
    return span_.with([&](std::optional<Span>& span) {
        if (!span || now < span->last || std::abs(stepOf(*span, now, tick)) > longestStep) {
            span = Span{now, now, tick};
        }
        span->last = now;
        span->tick = tick;
        return now.seconds - span->first.seconds;
    });
}

// Seconds by which the clock went on more than time did since the last look.
std::int64_t SteadyTime::stepOf(const Span& span, Timestamp now,
                                std::chrono::steady_clock::time_point tick) {
    const auto passed = std::chrono::duration_cast<std::chrono::seconds>(tick - span.tick);
    return now.seconds - span.last.seconds - passed.count();
}

}  // namespace coffer
