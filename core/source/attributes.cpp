#include "core/source/attributes.h"

#include <utility>

namespace coffer {

std::string_view nameOf(EntryType type) {
    switch (type) {
        case EntryType::file:
            return "file";
        case EntryType::folder:
            return "folder";
        case EntryType::symlink:
            return "symlink";
        case EntryType::fifo:
            return "fifo";
        case EntryType::socket:
            return "socket";
        case EntryType::characterDevice:
            return "character-device";
        case EntryType::blockDevice:
            return "block-device";
    }
    return "unknown";
}

Attributes attributesOf(const Stat& stat, Details details) {
    Attributes all;
    all.type = stat.type;
    all.size = stat.type == EntryType::file ? stat.size : 0;
    all.mode = stat.mode;
    all.uid = stat.uid;
    all.gid = stat.gid;
    all.owner = std::move(details.owner);
    all.group = std::move(details.group);
    all.mtime = stat.mtime;
    all.btime = stat.btime;
    all.linkTarget = std::move(details.linkTarget);
    if (stat.type == EntryType::characterDevice || stat.type == EntryType::blockDevice) {
        all.deviceMajor = stat.deviceMajor;
        all.deviceMinor = stat.deviceMinor;
    }
    all.inodeFlags = details.inodeFlags;
    all.xattrs = std::move(details.xattrs);
    if (stat.links > 1 && stat.type != EntryType::folder) {
        all.hardLink = HardLinkGroup{stat.device, stat.inode};
    }
    return all;
}

}  // namespace coffer
