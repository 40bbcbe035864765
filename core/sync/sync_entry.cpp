#include "core/sync/sync_entry.h"

#include "core/base/bytes.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::uint32_t carriedBits = 0777;
constexpr std::size_t longestLink = 4'095;  // agents cut longer ones

SyncKind kindOf(const std::string& kind) {
    if (kind == "file") return SyncKind::file;
    if (kind == "folder") return SyncKind::folder;
    return kind == "symlink" ? SyncKind::symlink : SyncKind::other;
}

const char* nameOf(SyncKind kind) {
    switch (kind) {
        case SyncKind::file:
            return "file";
        case SyncKind::folder:
            return "folder";
        case SyncKind::symlink:
            return "symlink";
        default:
            return "other";
    }
}

// Empty when it is not known: what is shown is not what it says, or may have been cut.
std::string linkText(const ObjectEntry& entry) {
    const auto hex = entry.more.find("link-target-hex");
    const auto text = entry.more.find("link-target");
    std::string link;
    if (hex != entry.more.end()) {
        link = textOf(fromHex(hex->second));
    } else if (text != entry.more.end()) {
        link = text->second;
        if (printable(link) != link) link.clear();
    }
    if (link.size() > longestLink) link.clear();
    return link;
}

}  // namespace

SyncEntry syncEntryOf(const ObjectEntry& entry) {
    SyncEntry made;
    made.name = entry.name;
    made.look.kind = kindOf(entry.kind);
    made.look.modified = entry.modified.value_or(Timestamp{});
    if (made.look.kind == SyncKind::file) made.look.size = entry.size.value_or(0);
    if (made.look.kind == SyncKind::symlink) {
        made.look.link = linkText(entry);
        if (made.look.link.empty()) made.look.kind = SyncKind::other;
    } else {
        made.look.mode = entry.mode & carriedBits;
    }
    return made;
}

ObjectEntry objectOf(const SyncEntry& entry) {
    ObjectEntry made;
    made.name = entry.name;
    made.kind = nameOf(entry.look.kind);
    if (entry.look.kind == SyncKind::file) made.size = entry.look.size;
    made.modified = entry.look.modified;
    made.mode = entry.look.mode;
    return made;
}

bool sameContent(const SyncLook& a, const SyncLook& b) {
    if (a.kind != b.kind) return false;
    if (a.kind == SyncKind::symlink) return a.link == b.link;
    if (a.kind != SyncKind::file) return true;
    const Timestamp& first = a.modified;
    const Timestamp& second = b.modified;
    return a.size == b.size && first.seconds == second.seconds &&
           (first.nanoseconds == second.nanoseconds || first.nanoseconds == 0 ||
            second.nanoseconds == 0);
}

}  // namespace coffer
