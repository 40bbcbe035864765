#pragma once

#include <cstdint>
#include <string>

#include "core/base/clock.h"

namespace coffer {

// Numbers, times and permissions for people.

/// "0 B", "999 B", "1.00 KiB", "23.4 MiB": three digits, binary units.
std::string sizeText(std::uint64_t bytes);

/// "1,234,567"
std::string countText(std::uint64_t count);

/// "1,234 files", "1 file": `one` with an s unless the count is 1.
std::string countText(std::uint64_t count, const std::string& one);

/// "2026-11-21 20:15:03 +0100": local time.
std::string timeText(Timestamp time);

/// "0.53 s", "12.4 s", "3:05 min", "2:03:05 h"
std::string durationText(double seconds);

/// "412 MB/s": decimal units, as networks and disks are sold.
std::string rateText(std::uint64_t bytes, double seconds);

/// "drwxr-xr-x": a letter for the kind of entry and its permission bits (07777).
std::string modeText(char kind, std::uint32_t mode);

/// "0755"
std::string octalText(std::uint32_t mode);

}  // namespace coffer
