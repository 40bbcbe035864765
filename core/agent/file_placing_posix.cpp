// What FileTree does to put entries in place.

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/agent/file_cursor_posix.h"
#include "core/agent/file_place_posix.h"
#include "core/agent/file_tree.h"
#include "core/agent/object_path.h"
#include "core/base/error.h"
#include "core/source/open_posix.h"
#include "core/source/stat_posix.h"

namespace coffer {

namespace {

constexpr mode_t carriedBits = 0777;  // not those that lend somebody's rights

template <class Work>
decltype(auto) doing(const char* verb, const std::string& path, Work&& work) {
    return during(std::string(verb) + ' ' + shownPath(path), std::forward<Work>(work));
}

bool isLike(const Stat& stat, const ObjectEntry& seen) {
    const bool sizes = stat.type != EntryType::file || seen.size == stat.size;
    return nameOf(stat.type) == seen.kind && sizes && seen.modified == stat.mtime;
}

Stat requireLike(const FilePlace& place, const std::string& path, const ObjectEntry& seen) {
    const Stat stat = statThere(place, path);
    if (isLike(stat, seen)) return stat;
    throw Error(ErrorCode::conflict, shownPath(path) + " has changed meanwhile");
}

// Of a link, which has no permissions, the times alone. Never through a link: what is at that name
// is opened before its mode is set.
void setLook(const FilePlace& place, const Stat& entry, const ObjectTree::Look& wanted) {
    if (wanted.mode && entry.type != EntryType::symlink) {
        const UniqueFd fd(
            ::openat(place.folder.get(), place.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        if (!fd) throw Error::fromErrno(errno, "open");
        if (!sameEntry(statOf(fd.get(), place.name), entry)) {
            throw Error(ErrorCode::conflict, "it has changed meanwhile");
        }
        const std::string self = "/proc/self/fd/" + std::to_string(fd.get());
        if (::chmod(self.c_str(), *wanted.mode & carriedBits) != 0) {
            throw Error::fromErrno(errno, "set mode");
        }
    }
    if (!wanted.modified) return;
    timespec times[2] = {};
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_sec = wanted.modified->seconds;
    times[1].tv_nsec = static_cast<long>(wanted.modified->nanoseconds);
    if (::utimensat(place.folder.get(), place.name.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
        throw Error::fromErrno(errno, "set time");
    }
}

// Who may not give files away keeps them.
void giveTo(const FilePlace& place, const Stat& owner) {
    if (::fchownat(place.folder.get(), place.name.c_str(), owner.uid, owner.gid,
                   AT_SYMLINK_NOFOLLOW) == 0) {
        return;
    }
    if (errno != EPERM && errno != EINVAL) throw Error::fromErrno(errno, "set owner");
}

// In place of what was checked, or of nothing. Where the file system cannot promise the latter it
// is looked at just before.
void renameTo(const FilePlace& from, const FilePlace& to, const std::string& target,
              bool replacing) {
    const auto rename = [&](unsigned flags) {
        return ::renameat2(from.folder.get(), from.name.c_str(), to.folder.get(), to.name.c_str(),
                           flags);
    };
    int result = rename(replacing ? 0 : RENAME_NOREPLACE);
    if (result != 0 && !replacing && (errno == EINVAL || errno == ENOSYS)) {
        errno = EEXIST;
        result = statAt(to.folder.get(), to.name) ? -1 : rename(0);
    }
    if (result == 0) return;
    if (errno == EEXIST) {
        throw Error(ErrorCode::alreadyExists, "there is something at " + shownPath(target));
    }
    throw Error::fromErrno(errno, "to " + shownPath(target));
}

}  // namespace

void FileTree::createLink(const std::string& path, const std::string& text) {
    doing("create", path, [&] {
        const FilePlace place = placeOf(path);
        if (text.empty() || text.find('\0') != text.npos) {
            throw Error(ErrorCode::invalidArgument, "no link leads there");
        }
        if (::symlinkat(text.c_str(), place.folder.get(), place.name.c_str()) != 0) {
            throw Error::fromErrno(errno, "make link");
        }
    });
}

ObjectEntry FileTree::settle(const std::string& path, const std::string& target, const Look& wanted,
                             const std::optional<ObjectEntry>& replaced) {
    return doing("settle", target, [&] {
        const FilePlace from = placeOf(path);
        const FilePlace to = placeOf(target);
        const Stat entry = statThere(from, path);
        const bool stays = path == target;
        if (replaced) {
            const Stat there = requireLike(to, target, *replaced);
            if (!stays) giveTo(from, there);
        } else if (!stays) {
            giveTo(from, statOf(to.folder.get(), ""));
        }
        setLook(from, entry, wanted);  // a new owner may take bits of the mode away
        if (!stays) renameTo(from, to, target, replaced.has_value());
        return objectOf(to.folder.get(), statThere(to, target), *accounts_);
    });
}

void FileTree::eraseAs(const std::string& path, const ObjectEntry& seen) {
    doing("erase", path, [&] {
        const FilePlace place = placeOf(path);
        requireLike(place, path, seen);
        if (::unlinkat(place.folder.get(), place.name.c_str(), 0) != 0) {
            throw Error::fromErrno(errno, "remove");
        }
    });
}

void FileTree::flush(const std::string& path) {
    checkObjectPath(path);
    doing("flush", path, [&] {
        const UniqueFd folder = openFolderPath(path);
        if (::syncfs(folder.get()) != 0) throw Error::fromErrno(errno, "write to the disk");
    });
}

}  // namespace coffer
