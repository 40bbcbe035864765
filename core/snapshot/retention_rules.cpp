#include "core/snapshot/retention_rules.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::size_t quotedAtMost = 64;
constexpr std::int64_t longest = 1000LL * 366 * 86400;

struct Unit {
    char letter;
    std::int64_t seconds;
};
// Months and years are as long as the longest there are: a duration never ends early.
constexpr std::array<Unit, 5> units{
    {{'y', 366 * 86400}, {'m', 31 * 86400}, {'w', 7 * 86400}, {'d', 86400}, {'h', 3600}}};

struct Count {
    std::string_view name;
    std::uint32_t RetentionRules::*field;
};
constexpr std::array<Count, 7> counts{{{"keep-last", &RetentionRules::last},
                                       {"keep-hourly", &RetentionRules::hourly},
                                       {"keep-daily", &RetentionRules::daily},
                                       {"keep-weekly", &RetentionRules::weekly},
                                       {"keep-monthly", &RetentionRules::monthly},
                                       {"keep-yearly", &RetentionRules::yearly},
                                       {"keep-verified", &RetentionRules::keepVerified}}};

std::string quoted(std::string_view text) {
    return "\"" + printable(text.substr(0, quotedAtMost)) + "\"";
}

[[noreturn]] void refuse(const std::string& message) {
    throw Error(ErrorCode::invalidArgument, message);
}

// Reads digits off the front of `text`. False when there are none or too many.
bool takeNumber(std::string_view& text, std::int64_t& number) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || text.front() == '-') return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

std::uint32_t parseCount(std::string_view name, std::string_view text) {
    std::string_view rest = text;
    std::int64_t number = 0;
    if (!takeNumber(rest, number) || !rest.empty() || number > largestRetentionCount) {
        refuse(std::string(name) + " takes a number up to " +
               std::to_string(largestRetentionCount) + ", not " + quoted(text));
    }
    return static_cast<std::uint32_t>(number);
}

bool isIn(const std::string& tag, const std::vector<std::string>& tags) {
    return std::ranges::find(tags, tag) != tags.end();
}

}  // namespace

bool RetentionRules::any() const {
    return last > 0 || hourly > 0 || daily > 0 || weekly > 0 || monthly > 0 || yearly > 0 ||
           within > 0 || !tags.empty();
}

void setRetentionRule(RetentionRules& rules, std::string_view name, std::string_view value) {
    for (const Count& count : counts) {
        if (count.name == name) {
            rules.*count.field = parseCount(name, value);
            return;
        }
    }
    if (name == "keep-within") {
        rules.within = parseDuration(value);
    } else if (name == "keep-tag") {
        if (value.empty()) refuse("keep-tag takes a tag");
        rules.tags.emplace_back(value);
    } else {
        refuse("there is no rule " + quoted(name));
    }
}

std::vector<std::pair<std::string, std::string>> retentionSettings(const RetentionRules& rules) {
    std::vector<std::pair<std::string, std::string>> settings;
    const RetentionRules usual;
    for (const Count& count : counts) {
        if (rules.*count.field != usual.*count.field) {
            settings.emplace_back(count.name, std::to_string(rules.*count.field));
        }
    }
    if (rules.within > 0) settings.emplace_back("keep-within", durationName(rules.within));
    for (const std::string& tag : rules.tags) settings.emplace_back("keep-tag", tag);
    return settings;
}

RetentionRules combined(const RetentionRules& a, const RetentionRules& b) {
    RetentionRules both = a;
    for (const Count& count : counts) {
        both.*count.field = std::max(a.*count.field, b.*count.field);
    }
    both.within = std::max(a.within, b.within);
    for (const std::string& tag : b.tags) {
        if (!isIn(tag, both.tags)) both.tags.push_back(tag);
    }
    return both;
}

bool isLower(const RetentionRules& rules, const RetentionRules& before) {
    if (!rules.any()) return false;
    if (!before.any()) return true;
    const bool counted = std::ranges::any_of(
        counts, [&](const Count& count) { return rules.*count.field < before.*count.field; });
    const bool tagged = std::ranges::any_of(
        before.tags, [&](const std::string& tag) { return !isIn(tag, rules.tags); });
    return counted || tagged || rules.within < before.within;
}

std::int64_t parseDuration(std::string_view text) {
    std::int64_t seconds = 0;
    std::string_view rest = text;
    std::size_t unit = 0;
    while (!rest.empty()) {
        std::int64_t number = 0;
        const bool isNumber = takeNumber(rest, number);
        while (isNumber && unit < units.size() &&
               (rest.empty() || units[unit].letter != rest.front())) {
            ++unit;
        }
        if (!isNumber || unit == units.size() ||
            number > (longest - seconds) / units[unit].seconds) {
            seconds = 0;
            break;
        }
        seconds += number * units[unit++].seconds;
        rest.remove_prefix(1);
    }
    if (seconds == 0) {
        refuse(quoted(text) + " is no duration: write 36h, 30d or 1y6m, up to 1000 years");
    }
    return seconds;
}

std::string durationName(std::int64_t seconds) {
    std::int64_t rest = (seconds + 3599) / 3600 * 3600;
    std::string name;
    for (const Unit& unit : units) {
        if (rest < unit.seconds) continue;
        name += std::to_string(rest / unit.seconds) + unit.letter;
        rest %= unit.seconds;
    }
    return name.empty() ? "0h" : name;
}

}  // namespace coffer
