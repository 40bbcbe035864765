// The text of a Schedule.

#include <set>
#include <string>

#include "core/schedule/cron.h"
#include "core/schedule/schedule.h"

namespace coffer {

namespace {

using words::quoted;
using words::refuse;

constexpr std::size_t longestText = 2'000;
constexpr int mostDays = 400;
constexpr const char* forms =
    "every N minutes, every N hours, every N days at TIME, daily at TIME, weekly on DAYS at TIME, "
    "monthly on DAYS at TIME or cron EXPRESSION";

// What stands before and behind a word in `text`; nothing behind when it is not there.
struct Parted {
    std::string_view before;
    std::optional<std::string_view> behind;
};

Parted partedBy(std::string_view word, std::string_view text) {
    const std::string spaced = " " + std::string(word) + " ";
    const std::size_t at = text.find(spaced);
    if (at == text.npos) return {text, {}};
    return {text.substr(0, at), text.substr(at + spaced.size())};
}

// "… at TIMES" of the forms that need it.
Parted partedByTime(std::string_view rest, const char* form) {
    Parted parted = partedBy("at", rest);
    if (rest.starts_with("at ")) parted = {rest.substr(0, 0), rest.substr(3)};
    if (!parted.behind) refuse(std::string("the time is missing: ") + form);
    return parted;
}

std::string_view behindOn(std::string_view text, const char* form) {
    if (!text.starts_with("on ")) refuse(std::string("the days are missing: ") + form);
    return text.substr(3);
}

std::optional<std::size_t> nthNamed(std::string_view word) {
    const std::array<std::string_view, 6> names{"", "first", "second", "third", "fourth", "last"};
    for (std::size_t i = 1; i < names.size(); ++i) {
        if (names[i] == word) return i;
    }
    return {};
}

// "2026-12-24", or "12-25" for every year, which has year 0.
CivilDate dateIn(std::string_view text) {
    const auto parts = words::split(text, '-');
    const bool yearly = parts.size() == 2;
    if (parts.size() == 3 || yearly) {
        const std::size_t first = yearly ? 0 : 1;
        const auto year = yearly ? 0 : words::number(parts[0], 9'999);
        const auto month = words::number(parts[first], 12);
        const auto day = words::number(parts[first + 1], 31);
        // Year 0 has a 29 February.
        if (year && month && day && *month > 0 && *day > 0 && (yearly || *year > 0) &&
            *day <= daysInMonth(*year, *month)) {
            return {*year, *month, *day};
        }
    }
    refuse(quoted(text) + " is no date: write 2026-12-24, or 12-24 for every year");
}

}  // namespace

Schedule Schedule::parse(std::string_view text) {
    if (text.size() > longestText) refuse("a schedule has at most 2,000 letters");
    Schedule schedule;
    schedule.text_ = words::settled(text);
    const Parted parted = partedBy("except", schedule.text_);
    std::string_view rest = parted.before;
    const std::string_view form = words::takeWord(rest);
    if (form == "every") {
        schedule.parseEvery(rest);
    } else if (form == "daily") {
        schedule.setTimes(*partedByTime(rest, "daily at TIME").behind);
    } else if (form == "weekly") {
        schedule.parseWeekly(rest);
    } else if (form == "monthly") {
        schedule.parseMonthly(rest);
    } else if (form == "cron") {
        schedule.parseCron(rest);
    } else {
        refuse(quoted(text) + " is no schedule; write " + forms);
    }
    if (parted.behind) schedule.parseExceptions(*parted.behind);
    if (!schedule.days_.isEverOn()) refuse(quoted(text) + " would never be due: no such day comes");
    return schedule;
}

void Schedule::parseEvery(std::string_view rest) {
    std::string_view word = words::takeWord(rest);
    const auto given = words::number(word, 1'000'000);
    if (given) word = words::takeWord(rest);
    const int count = given.value_or(1);
    int most = mostDays;
    if (word == "minute" || word == "minutes") {
        step_ = 60;
        most = words::minutesOfDay;
    } else if (word == "hour" || word == "hours") {
        step_ = 3'600;
        most = 24;
    } else if (word != "day" && word != "days") {
        refuse(quoted(word) + " is no unit of time: write every N minutes, hours or days");
    }
    if (count < 1 || count > most) {
        refuse("'every " + std::to_string(count) + " " + std::string(word) + "': 1 to " +
               std::to_string(most));
    }
    if (step_ == 0) {
        days_.everyDays = count;
        return setTimes(*partedByTime(rest, "every N days at TIME").behind);
    }
    if (!rest.empty()) refuse(quoted(rest) + " has no place behind minutes and hours");
    kind_ = Kind::elapsed;
    step_ *= count;
}

void Schedule::parseWeekly(std::string_view rest) {
    constexpr const char* form = "weekly on DAYS at TIME";
    const Parted parted = partedByTime(rest, form);
    days_.weekdays = words::weekdays(behindOn(parted.before, form));
    setTimes(*parted.behind);
}

void Schedule::parseMonthly(std::string_view rest) {
    constexpr const char* form = "monthly on DAYS at TIME";
    const Parted parted = partedByTime(rest, form);
    days_.monthDays.reset();
    for (std::string_view part : words::split(behindOn(parted.before, form), ',')) {
        const std::string_view whole = part;
        const std::string_view word = words::takeWord(part);
        if (const auto nth = nthNamed(word); nth && !part.empty()) {
            days_.nthWeekdays.at(*nth).set(static_cast<std::size_t>(words::weekday(part)));
        } else if (word == "last" && part.empty()) {
            days_.lastDay = true;
        } else if (const auto day = words::number(whole, 31); day && *day > 0) {
            days_.monthDays.set(static_cast<std::size_t>(*day));
        } else {
            refuse(quoted(whole) +
                   " is no day of a month: write 1 to 31, last, first monday or last friday");
        }
    }
    setTimes(*parted.behind);
}

void Schedule::parseCron(std::string_view rest) {
    const Cron cron = Cron::parse(rest);
    days_ = cron.days;
    kind_ = cron.everyHour ? Kind::wallClock : Kind::atTimes;
    step_ = 60;  // by which the clock on the wall is looked at
    for (int minute = 0; minute < words::minutesOfDay; ++minute) {
        const auto hour = static_cast<std::size_t>(minute / 60);
        const auto inHour = static_cast<std::size_t>(minute % 60);
        if (cron.hours.test(hour) && cron.minutes.test(inHour)) minutes_.push_back(minute);
    }
}

void Schedule::parseExceptions(std::string_view text) {
    for (const std::string_view part : words::split(text, ',')) days_.notOn.insert(dateIn(part));
}

void Schedule::setTimes(std::string_view text) {
    std::set<int> minutes;
    for (const std::string_view part : words::split(text, ',')) {
        minutes.insert(words::timeOfDay(part));
    }
    minutes_.assign(minutes.begin(), minutes.end());
}

}  // namespace coffer
