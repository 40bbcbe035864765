#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/sync/sync_entry.h"

namespace coffer {

/// Who wins when both have changed something.
enum class SyncConflict : std::uint8_t { keepBoth, newer, source, target };

/// How two folders are made the same.
struct SyncRules {
    bool twoWay = false;
    bool erases = false;        // one-way: what the source does not have goes
    bool readsContent = false;  // what looks the same is read on both sides and compared
    SyncConflict conflict = SyncConflict::keepBoth;
};

enum class SyncVerb : std::uint8_t {
    remember,  // both are the same: only noted
    forget,    // neither has it any more: only noted
    compare,   // they look the same and are to be read
    copy,      // file or link comes to `to`, in place of one that is there
    adjust,    // mode, and time of the same content, comes to `to`
    enter,     // a folder of both
    make,      // a folder that `to` does not have: made there and gone into
    takeAway,  // a folder that only `to` has: gone into, and removed when nothing stays in it
    remove,    // no folder, goes at `to`
    keepBoth,  // what `to` has gets another name, the other's comes in its place
    refuse     // cannot be carried, or is in the way: `why`
};

/// One thing to be done about a name in a folder.
struct SyncAction {
    SyncVerb verb = SyncVerb::remember;
    SyncSide to = SyncSide::target;  // the side that changes
    std::string name;
    std::optional<SyncLook> source{};  // as listed
    std::optional<SyncLook> target{};
    const char* why = "";
    bool conflict = false;    // both had changed: one of them was chosen
    bool remembered = false;  // memory has both as they are

    const std::optional<SyncLook>& of(SyncSide side) const {
        return side == SyncSide::source ? source : target;
    }
    bool isAboutFolder() const {
        return verb == SyncVerb::enter || verb == SyncVerb::make || verb == SyncVerb::takeAway;
    }
};

/// What is to be done about the names of one folder so that both sides become the same; by name,
/// and of one name in the order in which it has to be done. A pure function.
///
/// One-way, `memory` is not looked at. Two-way, what differs from its look in memory has changed
/// since, what has none is new, and what is gone was deleted. A change wins over a deletion. Both
/// changed, to something different, is a conflict: `rules.conflict` chooses; between a folder and
/// something else both are always kept. Of two changes to the same nothing comes.
std::vector<SyncAction> planFolder(const SyncEntries& source, const SyncEntries& target,
                                   const std::vector<SyncMemory>& memory, const SyncRules& rules);

/// The name under which the older one is kept: NAME.conflict-DATE-AGENT, cut to 255 octets; from
/// the second attempt on with a number behind it.
std::string conflictName(const std::string& name, Timestamp now, const std::string& agent,
                         unsigned attempt);

/// "copy", "make-folder"…: for logs.
const char* nameOf(SyncVerb verb);

}  // namespace coffer
