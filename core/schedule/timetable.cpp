#include "core/schedule/timetable.h"

#include <algorithm>

#include "core/base/digest.h"

namespace coffer {

namespace {

Timestamp moved(Timestamp time, std::int64_t seconds) {
    return {time.seconds + seconds, time.nanoseconds};
}

// A number that anybody would find again from the name.
std::int64_t shiftOf(std::string_view name, std::int64_t spread) {
    if (spread <= 0) return 0;
    const Digest digest = sha256(bytesOf(name));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 7; ++i) value = value << 8 | digest.bytes[i];
    return static_cast<std::int64_t>(value) % (spread + 1);
}

}  // namespace

Timetable::Timetable(Parts parts, std::string_view name)
    : parts_(std::move(parts)),
      shift_(shiftOf(name, std::min(parts_.spreadSeconds, longestSpread))) {}

std::optional<Timestamp> Timetable::next(Timestamp after) const {
    const auto time = parts_.schedule.next(moved(after, -shift_), parts_.zone);
    if (!time) return {};
    return moved(*time, shift_);
}

std::vector<Timestamp> Timetable::preview(Timestamp after, std::size_t count) const {
    std::vector<Timestamp> times =
        parts_.schedule.preview(moved(after, -shift_), count, parts_.zone);
    for (Timestamp& time : times) time = moved(time, shift_);
    return times;
}

Timetable::Due Timetable::due(Timestamp done, Timestamp now) const {
    Due due;
    due.done = done.seconds > now.seconds + longestJump ? now : done;
    const auto time =
        parts_.schedule.last(moved(due.done, -shift_), moved(now, -shift_), parts_.zone);
    if (time) {
        due.done = moved(*time, shift_);
        const std::int64_t late = now.seconds - due.done.seconds;
        due.run = late <= std::max(punctualSeconds, parts_.catchUpSeconds);
        due.missed = !due.run;
    }
    due.next = next(std::max(due.done, now));
    return due;
}

}  // namespace coffer
