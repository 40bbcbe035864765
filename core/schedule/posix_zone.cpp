#include "core/schedule/posix_zone.h"

#include "core/base/calendar.h"
#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::size_t longestRule = 200;
constexpr int mostHoursOfOffset = 24;
constexpr int mostHoursOfTime = 167;  // a week, by RFC 8536
constexpr std::int64_t daySeconds = 86'400;

bool isDigit(char letter) {
    return letter >= '0' && letter <= '9';
}

bool isLetter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

bool isLeap(std::int64_t year) {
    return daysInMonth(year, 2) == 29;
}

}  // namespace

class PosixZone::Reader {
  public:
    explicit Reader(std::string_view text) : whole_(text), rest_(text) {}

    bool atEnd() const { return rest_.empty(); }
    bool has(char letter) const { return !rest_.empty() && rest_.front() == letter; }

    bool take(char letter) {
        if (!has(letter)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void expect(char letter) {
        if (!take(letter)) refuse();
    }

    // "CET" or "<+0330>": what local time is called.
    void passName() {
        const bool quoted = take('<');
        std::size_t length = 0;
        const auto belongs = [&](char letter) {
            return isLetter(letter) ||
                   (quoted && (isDigit(letter) || letter == '+' || letter == '-'));
        };
        while (length < rest_.size() && belongs(rest_[length])) ++length;
        if (length < 3) refuse();
        rest_.remove_prefix(length);
        if (quoted) expect('>');
    }

    int number(int least, int most) {
        int value = 0;
        std::size_t digits = 0;
        for (; !rest_.empty() && isDigit(rest_.front()) && digits < 4; ++digits) {
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        if (digits == 0 || value < least || value > most) refuse();
        return value;
    }

    // "[+-]hh[:mm[:ss]]" in seconds.
    std::int32_t time(int mostHours) {
        const bool negative = take('-');
        if (!negative) take('+');
        std::int32_t seconds = number(0, mostHours) * 3600;
        if (take(':')) seconds += number(0, 59) * 60;
        if (has(':')) {
            take(':');
            seconds += number(0, 59);
        }
        return negative ? -seconds : seconds;
    }

    // "M10.5.0/3", "J60", "59/1:30"
    Day day() {
        Day day;
        if (take('M')) {
            day.kind = Day::Kind::weekday;
            day.month = number(1, 12);
            expect('.');
            day.week = number(1, 5);
            expect('.');
            day.day = number(0, 6);
        } else if (take('J')) {
            day.day = number(1, 365);
        } else {
            day.kind = Day::Kind::zeroBased;
            day.day = number(0, 365);
        }
        if (take('/')) day.time = time(mostHoursOfTime);
        return day;
    }

    [[noreturn]] void refuse() const {
        throw Error(ErrorCode::corrupt,
                    "'" + printable(whole_.substr(0, longestRule)) + "' is no rule of a time zone");
    }

  private:
    std::string_view whole_;
    std::string_view rest_;
};

PosixZone PosixZone::parse(std::string_view text) {
    Reader reader(text);
    if (text.size() > longestRule) reader.refuse();
    PosixZone zone;
    reader.passName();
    // POSIX counts westward.
    zone.standard_ = -reader.time(mostHoursOfOffset);
    if (reader.atEnd()) return zone;
    Summer summer;
    reader.passName();
    summer.offset = zone.standard_ + 3600;
    if (!reader.has(',')) summer.offset = -reader.time(mostHoursOfOffset);
    reader.expect(',');
    summer.begin = reader.day();
    reader.expect(',');
    summer.end = reader.day();
    if (!reader.atEnd()) reader.refuse();
    zone.summer_ = summer;
    return zone;
}

std::int64_t PosixZone::Day::secondsIn(std::int64_t year) const {
    const std::int64_t first = daysOf({year, 1, 1});
    if (kind == Kind::zeroBased) return (first + day) * daySeconds + time;
    if (kind == Kind::julian) {
        // 29 February is never counted.
        const int passed = isLeap(year) && day >= 60 ? day : day - 1;
        return (first + passed) * daySeconds + time;
    }
    const std::int64_t firstOfMonth = daysOf({year, month, 1});
    int inMonth = (day - weekdayOf(firstOfMonth) + 7) % 7 + (week - 1) * 7;
    if (inMonth >= daysInMonth(year, month)) inMonth -= 7;
    return (firstOfMonth + inMonth) * daySeconds + time;
}

std::vector<PosixZone::Change> PosixZone::changesOf(std::int64_t year) const {
    if (!summer_) return {};
    const Change begin{summer_->begin.secondsIn(year) - standard_, summer_->offset};
    const Change end{summer_->end.secondsIn(year) - summer_->offset, standard_};
    if (begin.at < end.at) return {begin, end};
    return {end, begin};
}

}  // namespace coffer
