#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/agent/object_tree.h"
#include "core/base/clock.h"

namespace coffer {

enum class SyncKind : std::uint8_t { file = 1, folder = 2, symlink = 3, other = 4 };

/// What a synchronisation sees of an entry without reading it. A value.
struct SyncLook {
    SyncKind kind = SyncKind::other;
    std::uint64_t size = 0;  // of a file
    Timestamp modified{};
    std::uint32_t mode = 0;  // 0777, the bits that are carried; 0 of a link
    std::string link{};      // text of a symbolic link

    bool operator==(const SyncLook&) const = default;
};

struct SyncEntry {
    std::string name;
    SyncLook look;

    bool operator==(const SyncEntry&) const = default;
};

/// The entries of a folder by name, each once.
using SyncEntries = std::vector<SyncEntry>;

/// A link whose text is not known in full is SyncKind::other.
SyncEntry syncEntryOf(const ObjectEntry& entry);

/// As settle() and eraseAs() want to have it.
ObjectEntry objectOf(const SyncEntry& entry);

/// Whether both hold the same as far as can be told without reading them: a file by size and time
/// of change, a link by its text. File systems that know whole seconds alone are borne with: a time
/// without nanoseconds equals any in that second.
bool sameContent(const SyncLook& a, const SyncLook& b);

/// Which of the two folders.
enum class SyncSide : std::uint8_t { source = 0, target = 1 };

constexpr SyncSide otherThan(SyncSide side) {
    return side == SyncSide::source ? SyncSide::target : SyncSide::source;
}

/// How an entry looked on both sides when they were last made the same.
struct SyncMemory {
    std::string name;
    SyncLook source;
    SyncLook target;

    const SyncLook& of(SyncSide side) const { return side == SyncSide::source ? source : target; }
    bool operator==(const SyncMemory&) const = default;
};

}  // namespace coffer
