#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.h"
#include "core/schedule/posix_zone.h"

namespace coffer {

/// A file of the time zone database (TZif, RFC 8536, versions 1 to 4): when local time changed, and
/// how it goes on. A value, safe to share.
struct ZoneTable {
    std::int32_t firstOffset = 0;            // before the first change
    std::vector<PosixZone::Change> changes;  // ascending
    std::optional<PosixZone> rule;           // behind the last change

    /// Throws Error(corrupt) for what is no such file, (unsupported) for one that counts leap
    /// seconds, (limitExceeded) for more than 10,000 changes.
    static ZoneTable decode(ByteView file);
};

}  // namespace coffer
