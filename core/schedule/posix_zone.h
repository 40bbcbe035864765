#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace coffer {

/// The rule by which a zone goes on behind the last change in its table:
/// "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX.1 TZ with the extensions of RFC 8536, 3.3.1). A value, safe
/// to share.
class PosixZone {
  public:
    /// From then on, local time is so many seconds ahead of UTC.
    struct Change {
        std::int64_t at = 0;  // UTC seconds since 1970
        std::int32_t offset = 0;
    };

    /// Throws Error(corrupt) for what is no such rule.
    static PosixZone parse(std::string_view text);

    std::int32_t standardOffset() const { return standard_; }

    /// The changes of a year, in order: none or two.
    std::vector<Change> changesOf(std::int64_t year) const;

  private:
    struct Day {
        enum class Kind { julian, zeroBased, weekday } kind = Kind::julian;
        int month = 1;
        int week = 1;  // 5: the last
        int day = 0;   // of the year, or of the week
        std::int32_t time = 2 * 3600;

        std::int64_t secondsIn(std::int64_t year) const;
    };
    struct Summer {
        std::int32_t offset = 0;
        Day begin;
        Day end;
    };
    class Reader;

    std::int32_t standard_ = 0;
    std::optional<Summer> summer_;
};

}  // namespace coffer
