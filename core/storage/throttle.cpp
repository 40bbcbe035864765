#include "core/storage/throttle.h"

#include <algorithm>

#include "core/base/calendar.h"

namespace coffer {

namespace {

constexpr std::uint64_t slice = 64 * 1024;  // octets: a new rate counts from the next one on
constexpr double burst = 0.25;              // seconds
constexpr std::chrono::nanoseconds lookAgain = std::chrono::seconds(10);  // while nothing may flow

unsigned minuteOfDay(Timestamp time) {
    constexpr std::int64_t day = 86'400;
    const std::int64_t local = time.seconds + localOffset(time);
    return static_cast<unsigned>((local - floorDivide(local, day) * day) / 60);
}

// 0 when the clock was set back.
double secondsBetween(Timestamp from, Timestamp to) {
    return std::max(0.0, static_cast<double>(to.seconds - from.seconds) +
                             (static_cast<double>(to.nanoseconds) - from.nanoseconds) / 1e9);
}

}  // namespace

void Throttle::take(std::uint64_t octets) {
    while (octets > 0) {
        const auto rate = schedule_.rateAt(minuteOfDay(clock_.now()));
        if (!rate) return;
        if (*rate == 0) {
            pause_(lookAgain);
            continue;
        }
        const std::uint64_t now = std::min(octets, slice);
        const std::chrono::nanoseconds wait = takeSlice(now, static_cast<double>(*rate));
        if (wait > std::chrono::nanoseconds::zero()) pause_(wait);
        octets -= now;
    }
}

// The bucket goes below empty by what is taken now and refills while its taker waits.
std::chrono::nanoseconds Throttle::takeSlice(std::uint64_t octets, double rate) {
    return bucket_.with([&](Bucket& bucket) {
        const Timestamp now = clock_.now();
        const double elapsed = bucket.filled ? secondsBetween(*bucket.filled, now) : burst;
        bucket.filled = now;
        bucket.credit = std::min(bucket.credit + elapsed * rate, burst * rate);
        bucket.credit -= static_cast<double>(octets);
        const double wait = std::max(0.0, -bucket.credit / rate);
        return std::chrono::nanoseconds(static_cast<std::int64_t>(wait * 1e9));
    });
}

}  // namespace coffer
