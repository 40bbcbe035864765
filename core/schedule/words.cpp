#include "core/schedule/words.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer::words {

namespace {

constexpr std::size_t mostShown = 60;
constexpr std::array<std::string_view, 7> dayNames{"sunday",   "monday", "tuesday", "wednesday",
                                                   "thursday", "friday", "saturday"};

bool isSpace(char letter) {
    return letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r';
}

char small(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
    return text;
}

}  // namespace

void refuse(const std::string& why) {
    throw Error(ErrorCode::invalidArgument, why);
}

std::string quoted(std::string_view text) {
    const bool whole = text.size() <= mostShown;
    return "'" + printable(text.substr(0, mostShown)) + (whole ? "'" : "…'");
}

std::string settled(std::string_view text) {
    std::string result;
    bool spaced = false;
    for (const char letter : trimmed(text)) {
        if (isSpace(letter)) {
            spaced = true;
            continue;
        }
        const bool joined = letter == ',' || (!result.empty() && result.back() == ',');
        if (spaced && !joined) result += ' ';
        spaced = false;
        result += small(letter);
    }
    return result;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(separator);
        parts.push_back(trimmed(text.substr(0, end)));
        if (end == text.npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::string_view takeWord(std::string_view& text) {
    text = trimmed(text);
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text = trimmed(text.substr(end));
    return word;
}

std::optional<int> number(std::string_view text, int most) {
    if (text.empty() || text.size() > 9) return {};
    int value = 0;
    for (const char letter : text) {
        if (letter < '0' || letter > '9') return {};
        value = value * 10 + (letter - '0');
    }
    if (value > most) return {};
    return value;
}

int timeOfDay(std::string_view text, int most) {
    const std::size_t colon = text.find(':');
    if (colon != text.npos && colon <= 2 && text.size() == colon + 3) {
        const auto hour = number(text.substr(0, colon), 24);
        const auto minute = number(text.substr(colon + 1), 59);
        if (hour && minute && *hour * 60 + *minute <= most) return *hour * 60 + *minute;
    }
    refuse(quoted(text) + " is no time of day: write 00:00 to " +
           (most == minutesOfDay ? "24:00" : "23:59"));
}

std::int64_t duration(std::string_view text) {
    constexpr std::string_view units = "smhd";
    constexpr std::array<std::int64_t, 4> seconds{1, 60, 3'600, 86'400};
    const std::size_t unit = text.empty() ? units.npos : units.find(text.back());
    if (unit != units.npos) {
        if (const auto count = number(text.substr(0, text.size() - 1), 1'000'000)) {
            return *count * seconds[unit];
        }
    }
    refuse(quoted(text) + " is no length of time: write 90s, 30m, 12h or 7d");
}

std::optional<int> findWeekday(std::string_view text) {
    for (std::size_t day = 0; day < dayNames.size(); ++day) {
        const std::string_view name = dayNames[day];
        if (text == name || text == name.substr(0, 3)) return static_cast<int>(day);
    }
    return {};
}

int weekday(std::string_view text) {
    if (const auto day = findWeekday(text)) return *day;
    refuse(quoted(text) + " is no day of the week: write mon, tue, wed, thu, fri, sat or sun");
}

Weekdays weekdays(std::string_view text) {
    Weekdays days;
    for (const std::string_view part : split(text, ',')) {
        const std::size_t dash = part.find('-');
        const int first = weekday(part.substr(0, dash));
        const int last = dash == part.npos ? first : weekday(part.substr(dash + 1));
        for (int day = first;; day = (day + 1) % 7) {
            days.set(static_cast<std::size_t>(day));
            if (day == last) break;
        }
    }
    return days;
}

}  // namespace coffer::words
