#include "core/schedule/cron.h"

#include <array>
#include <string>
#include <vector>

namespace coffer {

namespace {

using words::quoted;
using words::refuse;

constexpr std::array<std::string_view, 12> monthNames{"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};

struct Field {
    const char* name;
    int least;
    int most;
    std::optional<int> (*named)(std::string_view) = nullptr;
};

std::optional<int> monthNamed(std::string_view text) {
    for (std::size_t i = 0; i < monthNames.size(); ++i) {
        if (monthNames[i] == text) return static_cast<int>(i) + 1;
    }
    return {};
}

constexpr std::array<Field, 5> fields{{{"minute", 0, 59},
                                       {"hour", 0, 23},
                                       {"day of the month", 1, 31},
                                       {"month", 1, 12, monthNamed},
                                       {"day of the week", 0, 7, words::findWeekday}}};

[[noreturn]] void refuseIn(const Field& field, std::string_view text) {
    refuse("cron: " + quoted(text) + " is no " + field.name + " (" + std::to_string(field.least) +
           " to " + std::to_string(field.most) + ", ranges a-b, steps */n, lists a,b)");
}

int valueIn(const Field& field, std::string_view text) {
    if (field.named) {
        if (const auto value = field.named(text)) return *value;
    }
    const auto value = words::number(text, field.most);
    if (!value || *value < field.least) refuseIn(field, text);
    return *value;
}

using Values = std::bitset<64>;

// "*", "5", "1-5", each perhaps with "/2".
void addPart(Values& values, const Field& field, std::string_view part) {
    const std::size_t slash = part.find('/');
    const std::string_view range = part.substr(0, slash);
    int step = 1;
    if (slash != part.npos) {
        const auto given = words::number(part.substr(slash + 1), field.most);
        if (!given || *given < 1) refuseIn(field, part);
        step = *given;
    }
    int first = field.least;
    int last = field.most;
    if (range != "*") {
        const std::size_t dash = range.find('-');
        first = valueIn(field, range.substr(0, dash));
        if (dash != range.npos) {
            last = valueIn(field, range.substr(dash + 1));
            if (last == 0 && first > 0 && field.most == 7) last = 7;  // Sunday is at both ends
        } else if (slash == part.npos) {
            last = first;
        }
    }
    if (first > last) refuseIn(field, part);
    for (int value = first; value <= last; value += step) {
        values.set(static_cast<std::size_t>(value));
    }
}

Values valuesOf(const Field& field, std::string_view text) {
    Values values;
    for (const std::string_view part : words::split(text, ',')) addPart(values, field, part);
    return values;
}

template <std::size_t size>
std::bitset<size> firstOf(const Values& values) {
    return std::bitset<size>(values.to_ullong() & ((1ULL << size) - 1));
}

}  // namespace

Cron Cron::parse(std::string_view text) {
    const std::string settled = words::settled(text);
    std::vector<std::string_view> parts;
    for (std::string_view rest = settled; !rest.empty();) parts.push_back(words::takeWord(rest));
    if (parts.size() != fields.size()) {
        refuse("cron: " + quoted(text) +
               " needs five fields: minute, hour, day of the month, month, day of the week");
    }
    std::array<Values, fields.size()> values;
    for (std::size_t i = 0; i < fields.size(); ++i) values[i] = valuesOf(fields[i], parts[i]);
    Cron cron;
    cron.minutes = firstOf<60>(values[0]);
    cron.hours = firstOf<24>(values[1]);
    cron.everyHour = parts[1].starts_with('*');
    cron.days.monthDays = firstOf<32>(values[2]);
    cron.days.months = firstOf<13>(values[3]);
    if (values[4].test(7)) values[4].set(0);
    cron.days.weekdays = firstOf<7>(values[4]);
    cron.days.eitherDay = !parts[2].starts_with('*') && !parts[4].starts_with('*');
    return cron;
}

}  // namespace coffer
