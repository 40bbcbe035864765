#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/schedule/schedule.h"

namespace coffer {

/// The due times of one task: its schedule in its zone, moved by its spread. A value.
class Timetable {
  public:
    /// A due time is also kept when nobody looked for so long.
    static constexpr std::int64_t punctualSeconds = 90;
    /// Due times ahead of the clock by more than this are taken to be of a clock that was wrong.
    static constexpr std::int64_t longestJump = 86'400;
    static constexpr std::int64_t longestSpread = 86'400;

    struct Parts {
        Schedule schedule;
        TimeZone zone{};
        std::int64_t spreadSeconds = 0;   // up to longestSpread
        std::int64_t catchUpSeconds = 0;  // a due time that was missed is made up for within it
    };

    /// All times are later by 0 to spreadSeconds, always the same for one name.
    Timetable(Parts parts, std::string_view name);

    std::optional<Timestamp> next(Timestamp after) const;
    std::vector<Timestamp> preview(Timestamp after, std::size_t count) const;

    /// What is to be done at a moment when everything up to `done` has been dealt with.
    struct Due {
        bool run = false;               // now, and once, however many due times there were
        bool missed = false;            // the last due time is too long ago to make up for
        Timestamp done;                 // from now on
        std::optional<Timestamp> next;  // when to look again
    };
    Due due(Timestamp done, Timestamp now) const;

  private:
    Parts parts_;
    std::int64_t shift_ = 0;
};

}  // namespace coffer
