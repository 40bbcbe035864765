#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/codec/secret.h"

namespace coffer {

/// How patient an AttemptLimiter is.
struct AttemptLimits {
    unsigned freeFailures = 0;          // so many have no consequence
    std::uint32_t firstMs = 1'000;      // delay after the next; doubles with each
    std::uint32_t longestMs = 60'000;   // and ends here
    std::int64_t forgetSeconds = 3600;  // without a failure: all is forgotten
    unsigned atOnce = 4;                // attempts under way; 1 once there is a delay
    bool successForgives = true;        // it makes the failures before it forgotten
    std::size_t places = 16'384;        // bounds the memory: keys share places when they must
};

/// Makes guessing slow: after a failure the next attempt under the same key is refused, without any
/// work, until a delay is over that grows with each failure. Keys are names of users or addresses,
/// as many as anybody likes; which of them share a place cannot be foreseen from outside. Safe to
/// share between threads.
class AttemptLimiter {
  public:
    /// `salt` decides which keys share a place: known to tests alone.
    AttemptLimiter(const Clock& clock, const AttemptLimits& limits,
                   const SecretKey& salt = SecretKey::random());

    /// An attempt that was let in. Without a word about its end it does not count.
    class Attempt {
      public:
        ~Attempt();
        Attempt(const Attempt&) = delete;
        Attempt& operator=(const Attempt&) = delete;
        void failed();
        void succeeded();

      private:
        friend class AttemptLimiter;
        Attempt(AttemptLimiter& limiter, std::size_t place) : limiter_(limiter), place_(place) {}

        AttemptLimiter& limiter_;
        const std::size_t place_;
    };

    /// Throws Error(limitExceeded) with retryAfter when it has to wait.
    [[nodiscard]] Attempt admit(std::string_view key);

    /// From now on so many failures are free, and the delays are these; the rest stays.
    void setPatience(unsigned freeFailures, std::uint32_t firstMs, std::uint32_t longestMs);

  private:
    struct Place {
        std::uint32_t failures = 0;
        std::uint32_t underWay = 0;
        Timestamp last;  // failure
    };
    using Places = std::vector<Place>;

    std::size_t placeOf(std::string_view key) const;
    std::int64_t waitMs(Place& place, Timestamp now) const;

    const Clock& clock_;
    AttemptLimits limits_;  // what setPatience changes is looked at with the places locked
    const SecretKey salt_;
    Guarded<Places> places_;
};

}  // namespace coffer
