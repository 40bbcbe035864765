#include "core/schedule/window.h"

namespace coffer {

namespace {

using words::minutesOfDay;
using words::quoted;
using words::refuse;

constexpr std::size_t longestText = 1'000;

}  // namespace

Window Window::parse(std::string_view text) {
    if (text.size() > longestText) refuse("a window has at most 1,000 letters");
    Window window;
    window.text_ = words::settled(text);
    if (window.text_.empty()) {
        window.minutes_.set();
        return window;
    }
    for (const std::string_view part : words::split(window.text_, ';')) {
        std::string_view rest = part;
        const words::Weekdays days = words::weekdays(words::takeWord(rest));
        for (const std::string_view range : words::split(rest, ',')) {
            const std::size_t dash = range.find('-');
            if (dash == range.npos) {
                refuse(quoted(part) + ": write DAYS HH:MM-HH:MM, as in mon-fri 20:00-06:00");
            }
            const int begin = words::timeOfDay(range.substr(0, dash));
            const int end = words::timeOfDay(range.substr(dash + 1), minutesOfDay);
            if (begin == end) {
                refuse(quoted(range) + " is no time at all; write 00:00-24:00 for the whole day");
            }
            for (int day = 0; day < 7; ++day) {
                if (days.test(static_cast<std::size_t>(day))) window.open(day, begin, end);
            }
        }
    }
    window.checkLength();
    return window;
}

void Window::open(int day, int begin, int end) {
    const int length = end > begin ? end - begin : end + minutesOfDay - begin;
    for (int minute = 0; minute < length; ++minute) {
        const int inWeek = (day * minutesOfDay + begin + minute) % minutesOfWeek;
        minutes_.set(static_cast<std::size_t>(inWeek));
    }
}

void Window::checkLength() const {
    if (minutes_.all()) return;
    // Twice round, so that an opening over the end of the week is seen whole.
    int length = 0;
    int begun = 0;  // since something closed has been seen
    for (int minute = 0; minute < 2 * minutesOfWeek; ++minute) {
        if (minutes_.test(static_cast<std::size_t>(minute % minutesOfWeek))) {
            ++length;
            continue;
        }
        if (begun > 0 && length > 0 && length < leastMinutes) {
            refuse("a window of " + std::to_string(length) +
                   " minutes is too short: " + std::to_string(leastMinutes) + " at least");
        }
        length = 0;
        ++begun;
    }
}

bool Window::isOpen(Timestamp time, const TimeZone& zone) const {
    constexpr std::int64_t thursday = 4;  // 1970-01-01
    const std::int64_t minute =
        floorDivide(zone.toLocal(time.seconds), 60) + thursday * minutesOfDay;
    const std::int64_t inWeek = minute - floorDivide(minute, minutesOfWeek) * minutesOfWeek;
    return minutes_.test(static_cast<std::size_t>(inWeek));
}

// Minute by minute of the clock on the wall: so no change of clocks has to be thought of.
std::optional<Timestamp> Window::find(Timestamp time, const TimeZone& zone, bool open) const {
    if (isOpen(time, zone) == open) return time;
    for (int minute = 0; minute < 2 * minutesOfWeek; ++minute) {
        const std::int64_t local = zone.toLocal(time.seconds);
        time = {time.seconds + 60 - (local - floorDivide(local, 60) * 60), 0};
        if (isOpen(time, zone) == open) return time;
    }
    return {};
}

std::optional<Timestamp> Window::nextOpening(Timestamp time, const TimeZone& zone) const {
    return find(time, zone, true);
}

std::optional<Timestamp> Window::closesAt(Timestamp time, const TimeZone& zone) const {
    return find(time, zone, false);
}

}  // namespace coffer
