#include "core/schedule/zone_table.h"

#include <string>

#include "core/base/error.h"

namespace coffer {

namespace {

constexpr std::size_t headerSize = 44;
constexpr std::uint32_t mostChanges = 10'000;
constexpr std::uint32_t mostTypes = 256;
constexpr std::uint32_t mostLetters = 4'096;
constexpr std::int32_t farthestOffset = 26 * 3600;
constexpr std::int64_t farthest = std::int64_t{1} << 59;  // what zic writes at the least

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorCode::corrupt, "no time zone: " + why);
}

// TZif is big-endian, unlike everything that Coffer writes.
class Octets {
  public:
    explicit Octets(ByteView rest) : rest_(rest) {}

    ByteView take(std::size_t size) {
        if (size > rest_.size()) refuse("it ends too early");
        const ByteView taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
    }

    std::uint64_t number(std::size_t size) {
        std::uint64_t value = 0;
        for (const std::uint8_t octet : take(size)) value = value << 8 | octet;
        return value;
    }

    std::int64_t time(std::size_t size) {
        const std::uint64_t value = number(size);
        return size == 4 ? static_cast<std::int32_t>(static_cast<std::uint32_t>(value))
                         : static_cast<std::int64_t>(value);
    }

    ByteView rest() const { return rest_; }

  private:
    ByteView rest_;
};

struct Header {
    char version = 0;
    std::uint32_t utIndicators = 0;
    std::uint32_t standardIndicators = 0;
    std::uint32_t leapSeconds = 0;
    std::uint32_t changes = 0;
    std::uint32_t types = 0;
    std::uint32_t letters = 0;

    static Header read(Octets& octets) {
        Octets own(octets.take(headerSize));
        if (textOf(own.take(4)) != "TZif") refuse("it does not begin with 'TZif'");
        Header header;
        header.version = static_cast<char>(own.number(1));
        own.take(15);
        for (std::uint32_t* count :
             {&header.utIndicators, &header.standardIndicators, &header.leapSeconds,
              &header.changes, &header.types, &header.letters}) {
            *count = static_cast<std::uint32_t>(own.number(4));
        }
        header.check();
        return header;
    }

    void check() const {
        if (changes > mostChanges) {
            throw Error(ErrorCode::limitExceeded, "a time zone with more than 10,000 changes");
        }
        if (types > mostTypes || letters > mostLetters) refuse("too many kinds of time");
        if (utIndicators > types || standardIndicators > types) refuse("counts do not agree");
        if (leapSeconds > mostChanges) refuse("too many leap seconds");
    }

    // What follows the header, in octets.
    std::size_t size(std::size_t timeSize) const {
        return changes * (timeSize + 1) + types * 6 + letters + leapSeconds * (timeSize + 4) +
               standardIndicators + utIndicators;
    }
};

std::vector<std::int32_t> offsetsIn(Octets& octets, const Header& header) {
    std::vector<std::int32_t> offsets;
    for (std::uint32_t i = 0; i < header.types; ++i) {
        const std::int64_t offset = octets.time(4);
        octets.take(2);  // whether it is summer time, and its name
        if (offset > farthestOffset || offset < -farthestOffset)
            refuse("local time is too far off");
        offsets.push_back(static_cast<std::int32_t>(offset));
    }
    return offsets;
}

ZoneTable tableIn(ByteView block, const Header& header, std::size_t timeSize) {
    if (header.leapSeconds > 0) {
        throw Error(ErrorCode::unsupported, "a time zone that counts leap seconds");
    }
    if (header.types == 0) refuse("it has no kind of time");
    Octets octets(block);
    ZoneTable table;
    for (std::uint32_t i = 0; i < header.changes; ++i) {
        const std::int64_t at = octets.time(timeSize);
        if (at < -farthest || at > farthest) refuse("a change at no time");
        if (!table.changes.empty() && at <= table.changes.back().at) refuse("changes out of order");
        table.changes.push_back({at, 0});
    }
    const ByteView kinds = octets.take(header.changes);
    const std::vector<std::int32_t> offsets = offsetsIn(octets, header);
    for (std::uint32_t i = 0; i < header.changes; ++i) {
        if (kinds[i] >= offsets.size()) refuse("a kind of time that is not there");
        table.changes[i].offset = offsets[kinds[i]];
    }
    table.firstOffset = offsets.front();
    return table;
}

// "\nCET-1CEST,M3.5.0,M10.5.0/3\n"; nothing between them: nobody knows.
std::optional<PosixZone> ruleIn(ByteView footer) {
    const std::string_view text = textOf(footer);
    if (text.size() < 2 || text.front() != '\n') refuse("its end is missing");
    const std::size_t end = text.find('\n', 1);
    if (end == text.npos) refuse("its end is missing");
    if (end == 1) return {};
    return PosixZone::parse(text.substr(1, end - 1));
}

}  // namespace

ZoneTable ZoneTable::decode(ByteView file) {
    Octets octets(file);
    const Header first = Header::read(octets);
    const ByteView block = octets.take(first.size(4));
    if (first.version == 0) return tableIn(block, first, 4);
    // From version 2 on the same follows once more, with wide times.
    const Header second = Header::read(octets);
    ZoneTable table = tableIn(octets.take(second.size(8)), second, 8);
    table.rule = ruleIn(octets.rest());
    return table;
}

}  // namespace coffer
