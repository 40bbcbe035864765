#include "core/source/details_posix.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/base/unique_fd.h"
#include "core/source/stat_posix.h"
#include "core/source/xattrs_posix.h"

namespace coffer {

namespace {

constexpr std::size_t usualTarget = 256;
constexpr std::size_t longestTarget = std::size_t{1} << 20;

Details namesOf(const Stat& stat, AccountNames& accounts) {
    Details details;
    details.owner = accounts.user(stat.uid);
    details.group = accounts.group(stat.gid);
    return details;
}

/// Nothing where the file system has no such flags.
std::optional<std::uint32_t> inodeFlagsOf(int fd, const std::string& name) {
    unsigned flags = 0;  // 32 bits, whatever the request's type says
    if (::ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0) return flags;
    const int error = errno;
    if (error == ENOTTY || error == EOPNOTSUPP || error == EINVAL || error == ENOSYS) {
        return std::nullopt;
    }
    throw Error::fromErrno(error, "read inode flags of " + printable(name));
}

/// The whole target of the symlink that `fd` (O_PATH) stands for.
std::string linkTargetOf(int fd, const std::string& name) {
    for (std::size_t room = usualTarget; room <= longestTarget; room *= 4) {
        std::string target(room, '\0');
        const ssize_t length = ::readlinkat(fd, "", target.data(), target.size());
        if (length < 0) throw Error::fromErrno(errno, "read symlink " + printable(name));
        if (static_cast<std::size_t>(length) == room) continue;  // perhaps cut
        target.resize(static_cast<std::size_t>(length));
        return target;
    }
    throw Error(ErrorCode::limitExceeded, "target of symlink " + printable(name) + " too long");
}

/// A descriptor that names the inode of `entry` without opening it.
UniqueFd pin(int folder, const Stat& entry) {
    checkEntryName(entry.name);
    UniqueFd fd(::openat(folder, entry.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) throw Error::fromErrno(errno, "look at " + printable(entry.name));
    if (!sameEntry(statOf(fd.get(), entry.name), entry)) {
        throw Error(ErrorCode::conflict, printable(entry.name) + " was replaced by another entry");
    }
    return fd;
}

}  // namespace

Details detailsOf(int fd, const Stat& stat, AccountNames& accounts) {
    Details details = namesOf(stat, accounts);
    details.inodeFlags = inodeFlagsOf(fd, stat.name);
    details.xattrs = readXattrs(fd, stat.name);
    return details;
}

Details detailsAt(int folder, const Stat& entry, AccountNames& accounts) {
    Details details = namesOf(entry, accounts);
    const UniqueFd pinned = pin(folder, entry);
    if (entry.type == EntryType::symlink) {
        details.linkTarget = linkTargetOf(pinned.get(), entry.name);
    }
    if (entry.type == EntryType::folder) {
        // Flags are only told of what is open; a folder that may not be opened goes without.
        const UniqueFd opened(::openat(pinned.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (opened) details.inodeFlags = inodeFlagsOf(opened.get(), entry.name);
    }
    details.xattrs = readXattrsOfPinned(pinned.get(), entry.name);
    return details;
}

}  // namespace coffer
