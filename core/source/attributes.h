#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/clock.h"

namespace coffer {

/// What an entry of a source is. The numbers stand in the tree format.
enum class EntryType : std::uint8_t {
    file = 1,
    folder = 2,
    symlink = 3,
    fifo = 4,
    socket = 5,
    characterDevice = 6,
    blockDevice = 7
};

/// "file", "folder", "symlink", "fifo", "socket", "character-device", "block-device".
std::string_view nameOf(EntryType type);

/// An extended attribute with its name space in the name ("user.x", "system.posix_acl_access").
struct Xattr {
    std::string name;
    Bytes value;
    bool operator==(const Xattr&) const = default;
};

/// What one cheap call tells about an entry. Names are octets, never decoded.
struct Stat {
    std::string name;
    EntryType type = EntryType::file;
    std::uint64_t size = 0;  // octets of content; of a symlink, its target's length
    std::uint32_t mode = 0;  // permission bits 07777
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    Timestamp mtime;
    Timestamp ctime;
    std::optional<Timestamp> btime;  // birth, where the file system knows it
    std::uint64_t device = 0;        // the file system it lies on
    std::uint64_t inode = 0;
    std::uint32_t links = 1;
    std::uint32_t deviceMajor = 0;  // of device nodes
    std::uint32_t deviceMinor = 0;
    bool noDump = false;  // marked 'do not back up' (chattr +d)
};

/// What takes further calls; fetched only for entries that are new or have changed.
struct Details {
    std::string owner;  // name of uid, empty when it has none
    std::string group;
    std::string linkTarget;                   // of symlinks
    std::optional<std::uint32_t> inodeFlags;  // FS_IOC_GETFLAGS, where supported
    std::vector<Xattr> xattrs;                // sorted by name
};

/// Which entries of a source are names of one and the same inode.
struct HardLinkGroup {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    auto operator<=>(const HardLinkGroup&) const = default;
};

/// All that a snapshot keeps of an entry beside its name and content, and a restore brings back.
struct Attributes {
    EntryType type = EntryType::file;
    std::uint64_t size = 0;  // of files
    std::uint32_t mode = 0;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::string owner;
    std::string group;
    Timestamp mtime;
    std::optional<Timestamp> btime;  // recorded, cannot be restored
    std::string linkTarget;
    std::uint32_t deviceMajor = 0;
    std::uint32_t deviceMinor = 0;
    std::optional<std::uint32_t> inodeFlags;
    std::vector<Xattr> xattrs;
    std::optional<HardLinkGroup> hardLink;  // only when there is more than one name

    bool operator==(const Attributes&) const = default;
};

Attributes attributesOf(const Stat& stat, Details details);

}  // namespace coffer
