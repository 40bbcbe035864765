#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace coffer {

/// How many octets a second may flow at which time of day. Safe to share once made.
class BandwidthSchedule {
  public:
    static constexpr unsigned minutesOfDay = 24 * 60;

    /// "2M": always. "08:00-18:00=500K,20M": by day and otherwise. Parts are joined by ','; the
    /// first that holds counts; none holds: no limit. RATE is a whole number of octets a second
    /// with K, M, G or T for 1000, 1000², 1000³ or 1000⁴, "0" for nothing at all or "none" for no
    /// limit. A time of day may pass midnight ("22:00-06:00") and does not hold at its end. At most
    /// 48 parts. Throws Error(invalidArgument) naming the part, (limitExceeded).
    static BandwidthSchedule parse(std::string_view text);

    /// The same of what somebody enters: one that lets nothing through at any time of day is
    /// refused, too.
    static BandwidthSchedule parseFlowing(std::string_view text);

    /// Octets a second at a minute of the day, 0 … 1439; nothing when there is no limit.
    std::optional<std::uint64_t> rateAt(unsigned minuteOfDay) const;

  private:
    struct Part {
        unsigned begin = 0;  // minutes of the day
        unsigned end = minutesOfDay;
        std::optional<std::uint64_t> rate;

        bool holds(unsigned minute) const;
    };
    static Part parsePart(std::string_view text);
    bool everFlows() const;

    std::vector<Part> parts_;
};

}  // namespace coffer
