#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>

#include "core/base/error.h"
#include "tools/tree_compare/entry.h"

namespace coffer::tree_compare {

namespace {

constexpr std::uint32_t restorableFlags =
    FS_SECRM_FL | FS_UNRM_FL | FS_COMPR_FL | FS_SYNC_FL | FS_IMMUTABLE_FL | FS_APPEND_FL |
    FS_NODUMP_FL | FS_NOATIME_FL | FS_NOCOMP_FL | FS_JOURNAL_DATA_FL | FS_NOTAIL_FL |
    FS_DIRSYNC_FL | FS_TOPDIR_FL | FS_NOCOW_FL | FS_DAX_FL | FS_PROJINHERIT_FL;

char typeOf(mode_t mode) {
    switch (mode & S_IFMT) {
        case S_IFREG:
            return '-';
        case S_IFDIR:
            return 'd';
        case S_IFLNK:
            return 'l';
        case S_IFIFO:
            return 'p';
        case S_IFSOCK:
            return 's';
        case S_IFCHR:
            return 'c';
        case S_IFBLK:
            return 'b';
        default:
            return '?';
    }
}

UniqueFd openQuietly(int folder, const char* name, int flags) {
    const int all = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags;
    UniqueFd fd(::openat(folder, name, all | O_NOATIME));
    if (!fd && errno == EPERM) fd = UniqueFd(::openat(folder, name, all));
    if (!fd) throw Error::fromErrno(errno, "open");
    return fd;
}

Entry entryOf(const struct stat& raw) {
    Entry entry;
    entry.type = typeOf(raw.st_mode);
    if (entry.type == '-' || entry.type == 'l')
        entry.size = static_cast<std::uint64_t>(raw.st_size);
    entry.mode = raw.st_mode & 07777;
    entry.uid = raw.st_uid;
    entry.gid = raw.st_gid;
    entry.mtime = {raw.st_mtim.tv_sec, static_cast<std::uint32_t>(raw.st_mtim.tv_nsec)};
    if (entry.type == 'c' || entry.type == 'b') {
        entry.deviceNumber =
            std::to_string(major(raw.st_rdev)) + ':' + std::to_string(minor(raw.st_rdev));
    }
    entry.inode = {raw.st_dev, raw.st_ino};
    entry.links = raw.st_nlink;
    entry.blockSize = static_cast<std::uint64_t>(raw.st_blksize);
    return entry;
}

// Calls `fill(data, size)`, which works as getxattr(2), with room enough.
template <class Fill>
std::string fetch(Fill&& fill) {
    std::string out;
    for (;;) {
        auto size = fill(nullptr, std::size_t{0});
        if (size > 0) {
            out.resize(static_cast<std::size_t>(size));
            size = fill(out.data(), out.size());
        }
        if (size < 0 && errno == ERANGE) continue;  // it grew meanwhile
        if (size < 0) throw Error::fromErrno(errno, "read extended attributes");
        out.resize(static_cast<std::size_t>(size));
        return out;
    }
}

std::map<std::string, std::string> readXattrs(int folder, const std::string& name) {
    const auto path = "/proc/self/fd/" + std::to_string(folder) + '/' + name;
    std::map<std::string, std::string> xattrs;
    const auto names = fetch([&](char* data, std::size_t size) {
        const auto got = ::llistxattr(path.c_str(), data, size);
        return got < 0 && errno == EOPNOTSUPP ? 0 : got;
    });
    for (std::size_t begin = 0; begin < names.size();) {
        const std::string xattr = names.c_str() + begin;
        xattrs[xattr] = fetch([&](char* data, std::size_t size) {
            return ::lgetxattr(path.c_str(), xattr.c_str(), data, size);
        });
        begin += xattr.size() + 1;
    }
    return xattrs;
}

std::string readTarget(int folder, const std::string& name) {
    std::string target(PATH_MAX, '\0');
    const auto size = ::readlinkat(folder, name.c_str(), target.data(), target.size());
    if (size < 0) throw Error::fromErrno(errno, "read symlink");
    target.resize(static_cast<std::size_t>(size));
    return target;
}

std::uint32_t readFlags(int fd) {
    std::uint32_t flags = 0;
    if (::ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0) return flags & restorableFlags;
    if (errno == ENOTTY || errno == EOPNOTSUPP) return 0;
    throw Error::fromErrno(errno, "read inode flags");
}

}  // namespace

Entry openRoot(const std::string& path) {
    const auto fd = openQuietly(AT_FDCWD, path.c_str(), O_DIRECTORY);
    return readEntry(fd.get(), ".");
}

Entry readEntry(int folder, const std::string& name) {
    struct stat raw {};
    if (::fstatat(folder, name.c_str(), &raw, AT_SYMLINK_NOFOLLOW) != 0) {
        throw Error::fromErrno(errno, "look");
    }
    auto entry = entryOf(raw);
    entry.xattrs = readXattrs(folder, name);
    if (entry.type == 'l') entry.linkTarget = readTarget(folder, name);
    if (entry.type == '-' || entry.type == 'd') {
        entry.fd = openQuietly(folder, name.c_str(), O_NOFOLLOW);
        struct stat opened {};
        if (::fstat(entry.fd.get(), &opened) != 0 || opened.st_ino != raw.st_ino) {
            throw Error(ErrorCode::conflict, "replaced while it was read");
        }
        entry.inodeFlags = readFlags(entry.fd.get());
    }
    return entry;
}

std::vector<std::string> listFolder(int folder) {
    auto fd = openQuietly(folder, ".", O_DIRECTORY);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(
        ::fdopendir(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)), ::closedir);
    if (!stream) throw Error::fromErrno(errno, "list");
    std::vector<std::string> names;
    errno = 0;
    while (const auto* entry = ::readdir(stream.get())) {
        const std::string name = entry->d_name;
        if (name != "." && name != "..") names.push_back(name);
        errno = 0;
    }
    if (errno != 0) throw Error::fromErrno(errno, "list");
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace coffer::tree_compare
