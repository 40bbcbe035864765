#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/schedule/time_zone.h"
#include "core/schedule/words.h"

namespace coffer {

/// The hours of a week in which something may go on, by the clock on the wall of its zone:
///
///     mon-fri 20:00-06:00; sat,sun 00:00-24:00
///
/// A range may pass midnight into the next day. An empty text: always. A value, safe to share.
class Window {
  public:
    static constexpr int leastMinutes = 10;  // a shorter opening is refused

    /// Throws Error(invalidArgument) that says which part is wrong.
    static Window parse(std::string_view text);

    const std::string& text() const { return text_; }

    bool isOpen(Timestamp time, const TimeZone& zone) const;

    /// `time` itself when it is open. Nothing when it does not open within two weeks: of a window
    /// in an hour that clocks pass over, that is not.
    std::optional<Timestamp> nextOpening(Timestamp time, const TimeZone& zone) const;

    /// The first moment from `time` on at which it is not open; nothing when none is within two
    /// weeks.
    std::optional<Timestamp> closesAt(Timestamp time, const TimeZone& zone) const;

  private:
    static constexpr int minutesOfWeek = 7 * words::minutesOfDay;

    void open(int day, int begin, int end);
    void checkLength() const;
    std::optional<Timestamp> find(Timestamp time, const TimeZone& zone, bool open) const;

    std::string text_;
    std::bitset<minutesOfWeek> minutes_;  // from Sunday 00:00
};

}  // namespace coffer
