#pragma once

#include "core/source/attributes.h"

namespace coffer {

/// By what an entry is known to be unchanged without opening it.
struct EntrySignature {
    std::uint64_t size = 0;
    Timestamp mtime;
    Timestamp ctime;
    std::uint64_t inode = 0;
    bool racy = false;  // changed so shortly before it was looked at that a later change could hide

    bool operator==(const EntrySignature&) const = default;
};

/// `lookedAt` is the time just before the entry was asked for its Stat. A change within the clock
/// tick of that moment may leave the same times behind (the 'racy git' problem), so such an entry
/// counts as changed the next time.
EntrySignature signatureOf(const Stat& stat, Timestamp lookedAt);

/// Nothing has changed between the two looks.
inline bool sameState(const EntrySignature& before, const EntrySignature& now) {
    return !before.racy && before.size == now.size && before.mtime == now.mtime &&
           before.ctime == now.ctime && before.inode == now.inode;
}

}  // namespace coffer
