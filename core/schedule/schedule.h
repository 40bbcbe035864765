#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/schedule/day_rule.h"
#include "core/schedule/time_zone.h"

namespace coffer {

/// When something is to happen, from its text (docs/tasks.md, "Schedules"):
///
///     every 15 minutes               every 6 hours            every 2 days at 03:00
///     daily at 12:00,21:30           weekly on mon,thu at 02:00
///     monthly on 1,15,last at 03:00  monthly on last friday at 03:00
///     cron 0 2 * * 1-5
///
/// and behind any of them "except 2026-12-24,12-25": dates in the zone of the schedule on which it
/// is not, of one year or of each.
///
/// Times of day are local. One that comes twice on a day (clocks are set back) counts the first
/// time; one that does not come counts when the gap ends. Minutes and hours of "every" are counted
/// from each local midnight as they pass, and so are all hours of a cron expression ('*'): they
/// neither stop nor double when clocks change. A value, safe to share.
class Schedule {
  public:
    /// Throws Error(invalidArgument) that says which word is wrong, or that it would never be due.
    static Schedule parse(std::string_view text);

    /// As it was given, with single spaces and small letters.
    const std::string& text() const { return text_; }

    /// The first time after `after`, in whole seconds; nothing when there is none before year 9999.
    std::optional<Timestamp> next(Timestamp after, const TimeZone& zone) const;

    /// The last time that is later than `after` and not later than `until`.
    std::optional<Timestamp> last(Timestamp after, Timestamp until, const TimeZone& zone) const;

    /// The next times after `after`, at most `count`.
    std::vector<Timestamp> preview(Timestamp after, std::size_t count, const TimeZone& zone) const;

  private:
    enum class Kind { elapsed, atTimes, wallClock };

    void parseEvery(std::string_view rest);
    void parseWeekly(std::string_view rest);
    void parseMonthly(std::string_view rest);
    void parseCron(std::string_view rest);
    void parseExceptions(std::string_view text);
    void setTimes(std::string_view text);

    bool isDueAt(std::int64_t minute) const;
    std::vector<std::int64_t> timesOf(std::int64_t day, const TimeZone& zone) const;

    std::string text_;
    DayRule days_;
    Kind kind_ = Kind::atTimes;
    std::int64_t step_ = 0;     // seconds, of Kind::elapsed
    std::vector<int> minutes_;  // of the day, ascending, of the other two
};

}  // namespace coffer
