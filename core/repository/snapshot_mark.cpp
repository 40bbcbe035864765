#include "core/repository/snapshot_mark.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

bool isTag(std::string_view text) {
    return !text.empty() && text.size() <= longestTag &&
           text.find_first_of(" ,") == std::string_view::npos && printable(text) == text;
}

void SnapshotMark::addTag(const std::string& tag) {
    if (!isTag(tag)) {
        throw Error(ErrorCode::invalidArgument,
                    "\"" + printable(tag.substr(0, longestTag)) +
                        "\" is no tag: 1 to 64 octets without spaces and commas");
    }
    const auto place = std::ranges::lower_bound(tags, tag);
    if (place != tags.end() && *place == tag) return;
    if (tags.size() == tagsAtMost) {
        throw Error(ErrorCode::limitExceeded,
                    "a snapshot has " + std::to_string(tagsAtMost) + " tags at most");
    }
    tags.insert(place, tag);
}

void SnapshotMark::removeTag(const std::string& tag) {
    std::erase(tags, tag);
}

void SnapshotMark::write(WireWriter& to) const {
    to.u8(lockedUntil ? 1 : 0);
    if (lockedUntil) to.time(*lockedUntil);
    to.varint(tags.size());
    for (const std::string& tag : tags) to.sized(tag);
}

SnapshotMark SnapshotMark::read(WireReader& from) {
    SnapshotMark mark;
    const std::uint8_t locked = from.u8();
    if (locked > 1) throw Error(ErrorCode::corrupt, "neither locked nor open");
    if (locked == 1) mark.lockedUntil = from.time();
    mark.tags.resize(from.bounded(tagsAtMost, "number of tags"));
    for (std::string& tag : mark.tags) {
        tag = from.text(longestTag);
        if (!isTag(tag)) throw Error(ErrorCode::corrupt, "a tag of characters that none may have");
    }
    if (std::ranges::adjacent_find(mark.tags, std::ranges::greater_equal{}) != mark.tags.end()) {
        throw Error(ErrorCode::corrupt, "tags out of order");
    }
    return mark;
}

}  // namespace coffer
