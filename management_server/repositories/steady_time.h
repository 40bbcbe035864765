#pragma once

#include <algorithm>
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
    /// Seconds between two looks that are no jump yet; who uses it looks far more often.
    static constexpr std::int64_t longestStep = 600;

    /// A grace period that is longer is over for who was there for the last hour of it.
    static constexpr std::int64_t longEnough = 3'600;

    /// Seconds for which there were looks without a jump, back or ahead, up to this one.
    std::int64_t look(Timestamp now);

    /// Looks; whether somebody could have made use of a grace period that is over by the clock.
    bool couldAct(Timestamp now, std::int64_t graceSeconds) {
        return look(now) >= std::min(longEnough, graceSeconds);
    }

  private:
    struct Span {
        Timestamp first;
        Timestamp last;
    };

    Guarded<std::optional<Span>> span_;
};

}  // namespace coffer
