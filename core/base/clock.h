#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <string>

namespace coffer {

/// A moment in UTC: seconds since 1970 (may be negative) and nanoseconds 0..999,999,999 after it.
/// Wider than 64-bit nanoseconds, which end in 2262 while file systems go further.
struct Timestamp {
    std::int64_t seconds = 0;
    std::uint32_t nanoseconds = 0;

    auto operator<=>(const Timestamp&) const = default;
};

Timestamp operator+(Timestamp time, std::int64_t nanoseconds);
inline Timestamp operator-(Timestamp time, std::int64_t nanoseconds) {
    return time + -nanoseconds;
}

/// "2026-11-21T20:15:03Z": UTC, whole seconds, any year.
std::string toIso8601(Timestamp time);

/// Where the time comes from; injected so that tests own it. Safe to share between threads.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual Timestamp now() const = 0;
};

/// The computer's clock.
class SystemClock : public Clock {
  public:
    Timestamp now() const override;
};

/// A clock that stands still until it is told otherwise; may be set back.
class ManualClock : public Clock {
  public:
    explicit ManualClock(std::int64_t seconds = 1'000'000'000) : seconds_(seconds) {}
    Timestamp now() const override { return {seconds_, 0}; }
    void advance(std::int64_t seconds) { seconds_ += seconds; }

  private:
    std::atomic<std::int64_t> seconds_;
};

}  // namespace coffer
