#pragma once

#include <chrono>
#include <optional>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/base/pause.h"
#include "core/storage/bandwidth_schedule.h"

namespace coffer {

/// Holds up who wants to move octets faster than a schedule allows, by the local time of day: a
/// token bucket that holds a quarter of a second's worth. Safe to share: all who do, share the
/// bandwidth.
class Throttle {
  public:
    /// `clock` outlives it.
    Throttle(BandwidthSchedule schedule, const Clock& clock, Pause pause)
        : schedule_(std::move(schedule)), clock_(clock), pause_(std::move(pause)) {}

    /// Returns once so many more octets may flow. Throws what the pause throws.
    void take(std::uint64_t octets);

  private:
    struct Bucket {
        std::optional<Timestamp> filled;  // when it was filled last
        double credit = 0;                // octets; below 0: those waited for
    };
    std::chrono::nanoseconds takeSlice(std::uint64_t octets, double rate);

    const BandwidthSchedule schedule_;
    const Clock& clock_;
    const Pause pause_;
    Guarded<Bucket> bucket_;
};

}  // namespace coffer
