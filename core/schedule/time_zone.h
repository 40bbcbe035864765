#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "core/schedule/zone_table.h"

namespace coffer {

/// A time zone of the IANA database: local time and UTC, both as seconds since 1970-01-01 00:00 of
/// their own clock. Moments up to 10^14 seconds either way. A value, safe to share.
class TimeZone {
  public:
    /// UTC.
    TimeZone();

    /// By a name such as "Europe/Berlin", from the files of the system. Throws Error(notFound) for
    /// a name that is not there, (invalidArgument) for one that is none, (corrupt), (unsupported).
    static TimeZone load(std::string_view name, const std::string& folder = systemFolder);

    /// The zone of this computer: TZ, then /etc/localtime; UTC when neither tells.
    static TimeZone ofThisComputer();

    TimeZone(std::string name, ZoneTable table);

    static constexpr const char* systemFolder = "/usr/share/zoneinfo";

    const std::string& name() const { return name_; }

    /// Seconds by which local time is ahead of UTC at a moment.
    std::int32_t offsetAt(std::int64_t utc) const { return spanAt(utc).offset; }

    std::int64_t toLocal(std::int64_t utc) const { return utc + offsetAt(utc); }

    /// A local time that comes twice (clocks are set back) is its first occurrence; one that does
    /// not come (they are set forward) is the moment at which the gap ends. Never decreases.
    std::int64_t toUtc(std::int64_t local) const;

  private:
    /// A stretch with one offset.
    struct Span {
        std::int64_t begin = std::numeric_limits<std::int64_t>::min();
        std::int64_t end = std::numeric_limits<std::int64_t>::max();
        std::int32_t offset = 0;
    };
    Span spanAt(std::int64_t utc) const;
    Span spanByRule(std::int64_t utc, Span span) const;

    std::string name_;
    std::shared_ptr<const ZoneTable> table_;
};

}  // namespace coffer
