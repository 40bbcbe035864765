#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "core/base/clock.h"
#include "core/base/guarded.h"

namespace coffer {

/// How long somebody could have acted, as far as a clock can be believed that may jump: a server
/// that was away, or whose clock was set, has not been there for the time between. Safe to share
/// between threads.
class SteadyTime {
  public:
    /// Seconds by which the clock may differ, between two looks, from the time that passed without
    /// being a jump ahead yet.
    static constexpr std::int64_t longestStep = 600;

    /// A grace period that is longer is over for who was there for the last hour of it.
    static constexpr std::int64_t longEnough = 3'600;

    /// Seconds for which there was no jump, back or ahead, up to this look, however seldom there
    /// are any. `tick`: of a clock that cannot be set, and stands while the computer sleeps.
    std::int64_t look(Timestamp now, std::chrono::steady_clock::time_point tick =
                                         std::chrono::steady_clock::now());

    /// Looks; whether somebody could have made use of a grace period that is over by the clock.
    bool couldAct(Timestamp now, std::int64_t graceSeconds) {
        return look(now) >= std::min(longEnough, graceSeconds);
    }

  private:
    struct Span {
        Timestamp first;
        Timestamp last;
        std::chrono::steady_clock::time_point tick;  // at the last look
    };

    static std::int64_t stepOf(const Span& span, Timestamp now,
                               std::chrono::steady_clock::time_point tick);

    Guarded<std::optional<Span>> span_;
};

}  // namespace coffer
