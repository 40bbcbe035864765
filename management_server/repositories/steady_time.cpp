#include "management_server/repositories/steady_time.h"

namespace coffer {

std::int64_t SteadyTime::look(Timestamp now) {
    return span_.with([&](std::optional<Span>& span) {
        const bool jumped =
            !span || now < span->last || now.seconds - span->last.seconds > longestStep;
        if (jumped) span = Span{now, now};
        span->last = now;
        return now.seconds - span->first.seconds;
    });
}

}  // namespace coffer
