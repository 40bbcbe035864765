#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/wire.h"

namespace coffer {

/// What the users of a server have written on a snapshot (docs/retention.md).
struct SnapshotMark {
    std::optional<Timestamp> lockedUntil;
    std::vector<std::string> tags;  // ascending, each once

    bool operator==(const SnapshotMark&) const = default;

    bool isEmpty() const { return !lockedUntil && tags.empty(); }
    bool isLocked(Timestamp now) const { return lockedUntil && *lockedUntil > now; }

    void addTag(const std::string& tag);  // Error(invalidArgument), (limitExceeded)
    void removeTag(const std::string& tag);

    void write(WireWriter& to) const;
    static SnapshotMark read(WireReader& from);  // Error(corrupt)
};

constexpr std::size_t tagsAtMost = 32;
constexpr std::size_t longestTag = 64;  // octets

/// Whether it can be a tag: 1 to 64 octets of UTF-8 without spaces, commas, backslashes and
/// control characters.
bool isTag(std::string_view text);

}  // namespace coffer
