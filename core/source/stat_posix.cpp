#include "core/source/stat_posix.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

EntryType typeOf(unsigned mode) {
    switch (mode & S_IFMT) {
        case S_IFREG:
            return EntryType::file;
        case S_IFDIR:
            return EntryType::folder;
        case S_IFLNK:
            return EntryType::symlink;
        case S_IFIFO:
            return EntryType::fifo;
        case S_IFSOCK:
            return EntryType::socket;
        case S_IFCHR:
            return EntryType::characterDevice;
        case S_IFBLK:
            return EntryType::blockDevice;
        default:
            throw Error(ErrorCode::unsupported, "unknown kind of entry");
    }
}

Timestamp timeOf(const statx_timestamp& time) {
    return {time.tv_sec, time.tv_nsec};
}

Stat statFrom(const struct statx& raw, const std::string& name) {
    Stat stat;
    stat.name = name;
    stat.type = typeOf(raw.stx_mode);
    stat.size = raw.stx_size;
    stat.mode = raw.stx_mode & 07777;
    stat.uid = raw.stx_uid;
    stat.gid = raw.stx_gid;
    stat.mtime = timeOf(raw.stx_mtime);
    stat.ctime = timeOf(raw.stx_ctime);
    if ((raw.stx_mask & STATX_BTIME) != 0) stat.btime = timeOf(raw.stx_btime);
    stat.device = makedev(raw.stx_dev_major, raw.stx_dev_minor);
    stat.inode = raw.stx_ino;
    stat.links = raw.stx_nlink;
    stat.deviceMajor = raw.stx_rdev_major;
    stat.deviceMinor = raw.stx_rdev_minor;
    stat.noDump = (raw.stx_attributes & STATX_ATTR_NODUMP) != 0;
    return stat;
}

/// 0 or errno. Asks with the default synchronisation, which is right on network file systems too.
int askStat(int folder, const char* name, int flags, struct statx& raw) {
    const int all = flags | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
    return ::statx(folder, name, all, STATX_BASIC_STATS | STATX_BTIME, &raw) == 0 ? 0 : errno;
}

}  // namespace

std::optional<Stat> statAt(int folder, const std::string& name) {
    checkEntryName(name);
    struct statx raw;
    const int error = askStat(folder, name.c_str(), 0, raw);
    if (error == ENOENT) return std::nullopt;
    if (error != 0) throw Error::fromErrno(error, "read attributes of " + printable(name));
    return statFrom(raw, name);
}

Stat statOf(int fd, const std::string& name) {
    struct statx raw;
    const int error = askStat(fd, "", AT_EMPTY_PATH, raw);
    if (error != 0) throw Error::fromErrno(error, "read attributes of open " + printable(name));
    return statFrom(raw, name);
}

bool sameEntry(const Stat& a, const Stat& b) {
    return a.inode == b.inode && a.device == b.device && a.type == b.type;
}

void checkEntryName(const std::string& name) {
    const bool isPart = !name.empty() && name != "." && name != ".." &&
                        name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
    if (!isPart) throw Error(ErrorCode::invalidArgument, "not an entry's name: " + printable(name));
}

}  // namespace coffer
