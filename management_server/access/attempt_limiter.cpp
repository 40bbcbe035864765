#include "management_server/access/attempt_limiter.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "core/base/digest.h"
#include "core/base/error.h"

namespace coffer {

namespace {

constexpr std::uint32_t mostFailures = 1'000;
constexpr std::int64_t busyMs = 1'000;

std::int64_t millisecondsBetween(Timestamp from, Timestamp to) {
    return (to.seconds - from.seconds) * 1'000 +
           (std::int64_t{to.nanoseconds} - std::int64_t{from.nanoseconds}) / 1'000'000;
}

}  // namespace

AttemptLimiter::AttemptLimiter(const Clock& clock, const AttemptLimits& limits,
                               const SecretKey& salt)
    : clock_(clock), limits_(limits), salt_(salt), places_(limits.places) {}

AttemptLimiter::Attempt AttemptLimiter::admit(std::string_view key) {
    const std::size_t at = placeOf(key);
    const Timestamp now = clock_.now();
    places_.with([&](Places& places) {
        Place& place = places[at];
        const std::int64_t wait = waitMs(place, now);
        if (wait > 0) {
            throw Error(ErrorCode::limitExceeded, "too many failed attempts: wait " +
                                                      std::to_string((wait + 999) / 1'000) + " s")
                .withRetryAfter(static_cast<std::uint32_t>(wait));
        }
        ++place.underWay;
    });
    return {*this, at};
}

void AttemptLimiter::setPatience(unsigned freeFailures, std::uint32_t firstMs,
                                 std::uint32_t longestMs) {
    places_.with([&](Places&) {
        limits_.freeFailures = freeFailures;
        limits_.firstMs = firstMs;
        limits_.longestMs = longestMs;
    });
}

std::int64_t AttemptLimiter::waitMs(Place& place, Timestamp now) const {
    // A clock that was set back must not lock anybody out.
    place.last = std::min(place.last, now);
    const std::int64_t passed = millisecondsBetween(place.last, now);
    if (passed >= limits_.forgetSeconds * 1'000) place.failures = 0;
    if (place.failures <= limits_.freeFailures) {
        return place.underWay < limits_.atOnce ? 0 : busyMs;
    }
    const std::uint32_t doubled = std::min(place.failures - limits_.freeFailures - 1, 30U);
    const std::int64_t delay =
        std::min<std::int64_t>(limits_.longestMs, std::int64_t{limits_.firstMs} << doubled);
    // One at a time: many at once would all be let in before the first has failed.
    if (place.underWay > 0) return std::max(busyMs, delay - passed);
    return delay - passed;
}

std::size_t AttemptLimiter::placeOf(std::string_view key) const {
    Sha256 hash;
    hash.update(salt_.view());
    hash.update(bytesOf(key));
    const Digest digest = hash.finish();
    std::uint64_t number = 0;
    std::memcpy(&number, digest.bytes.data(), sizeof number);
    return number % limits_.places;
}

AttemptLimiter::Attempt::~Attempt() {
    limiter_.places_.with([&](Places& places) { --places[place_].underWay; });
}

void AttemptLimiter::Attempt::failed() {
    const Timestamp now = limiter_.clock_.now();
    limiter_.places_.with([&](Places& places) {
        Place& place = places[place_];
        place.failures = std::min(place.failures + 1, mostFailures);
        place.last = now;
    });
}

void AttemptLimiter::Attempt::succeeded() {
    if (!limiter_.limits_.successForgives) return;
    limiter_.places_.with([&](Places& places) { places[place_].failures = 0; });
}

}  // namespace coffer
