#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/calendar.h"

namespace coffer::words {

// The words of schedules and windows. Letters may be large or small. What throws is
// Error(invalidArgument) that names the word and what would be right.

using Weekdays = std::bitset<7>;  // 0: Sunday
constexpr int minutesOfDay = 24 * 60;

/// Small letters, one space between words, none around commas and at the ends.
std::string settled(std::string_view text);

/// Parts between separators, without spaces around them; of an empty text one empty part.
std::vector<std::string_view> split(std::string_view text, char separator);

/// Takes the first word away from `text` and gives it; empty at the end.
std::string_view takeWord(std::string_view& text);

/// Decimal digits alone, up to `most`.
std::optional<int> number(std::string_view text, int most);

/// "21:30" as minutes of the day. `most`: 24:00 stands for the end of the day.
int timeOfDay(std::string_view text, int most = minutesOfDay - 1);

/// "90s", "30m", "12h", "7d" as seconds.
std::int64_t duration(std::string_view text);

/// "mon", "monday"… as 0 (Sunday) to 6; nothing for another word.
std::optional<int> findWeekday(std::string_view text);
int weekday(std::string_view text);

/// "mon,thu", "mon-fri", "sat-mon".
Weekdays weekdays(std::string_view text);

[[noreturn]] void refuse(const std::string& why);

/// The text in quotes, made safe to show and short.
std::string quoted(std::string_view text);

}  // namespace coffer::words
