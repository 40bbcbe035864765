#include "core/storage/bandwidth_schedule.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "core/base/error.h"
#include "core/base/octet_count.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::size_t partLimit = 48;

// The whole of `text` as a number.
std::optional<std::uint64_t> numberIn(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// "08:30" as minutes of the day; "24:00" is its end.
std::optional<unsigned> minuteIn(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    const auto hour = numberIn(text.substr(0, 2));
    const auto minute = numberIn(text.substr(3));
    if (!hour || !minute || *minute > 59) return std::nullopt;
    const auto minutes = static_cast<unsigned>(*hour * 60 + *minute);
    if (minutes > BandwidthSchedule::minutesOfDay) return std::nullopt;
    return minutes;
}

[[noreturn]] void refuse(std::string_view part) {
    throw Error(ErrorCode::invalidArgument,
                "'" + printable(std::string(part)) +
                    "' is no bandwidth; write 2M, 08:00-18:00=500K or none");
}

std::uint64_t rateIn(std::string_view text) {
    const auto rate = findOctetCount(text);
    if (!rate) refuse(text);
    return *rate;
}

}  // namespace

bool BandwidthSchedule::Part::holds(unsigned minute) const {
    if (begin <= end) return minute >= begin && minute < end;
    return minute >= begin || minute < end;
}

BandwidthSchedule::Part BandwidthSchedule::parsePart(std::string_view text) {
    Part part;
    std::string_view rate = text;
    if (const std::size_t equals = text.find('='); equals != std::string_view::npos) {
        const std::string_view times = text.substr(0, equals);
        const std::size_t dash = std::min(times.find('-'), times.size());
        const auto begin = minuteIn(times.substr(0, dash));
        const auto end = minuteIn(times.substr(std::min(dash + 1, times.size())));
        if (!begin || !end || begin == end) refuse(text);
        part.begin = *begin;
        part.end = *end;
        rate = text.substr(equals + 1);
    }
    if (rate != "none") part.rate = rateIn(rate);
    return part;
}

bool BandwidthSchedule::everFlows() const {
    for (unsigned minute = 0; minute < minutesOfDay; ++minute) {
        if (rateAt(minute) != 0) return true;
    }
    return false;
}

BandwidthSchedule BandwidthSchedule::parse(std::string_view text) {
    BandwidthSchedule schedule;
    for (;;) {
        if (schedule.parts_.size() == partLimit) {
            throw Error(ErrorCode::limitExceeded, "a bandwidth has at most 48 parts");
        }
        const std::size_t comma = text.find(',');
        schedule.parts_.push_back(parsePart(text.substr(0, comma)));
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
    }
    return schedule;
}

BandwidthSchedule BandwidthSchedule::parseFlowing(std::string_view text) {
    BandwidthSchedule schedule = parse(text);
    if (schedule.everFlows()) return schedule;
    throw Error(ErrorCode::invalidArgument,
                "'" + printable(std::string(text)) + "' lets nothing through at any time of day");
}

std::optional<std::uint64_t> BandwidthSchedule::rateAt(unsigned minuteOfDay) const {
    for (const Part& part : parts_) {
        if (part.holds(minuteOfDay)) return part.rate;
    }
    return std::nullopt;
}

}  // namespace coffer
