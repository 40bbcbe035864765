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
    const bool times = stat.type == EntryType::folder && !seen.modified;
    return nameOf(stat.type) == seen.kind && sizes && (times || seen.modified == stat.mtime);
}

Stat requireLike(const FilePlace& place, const std::string& path, const ObjectEntry& seen) {
    const Stat stat = statThere(place, path);
    if (isLike(stat, seen)) return stat;
    throw Error(ErrorCode::conflict, shownPath(path) + " has changed meanwhile");
}

/// What is to be put in place, held so that it is the same through all steps.
struct Held {
    UniqueFd fd;
    Stat stat;
};

Held hold(const FilePlace& place) {
    UniqueFd fd(::openat(place.folder.get(), place.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) throw Error::fromErrno(errno, "open");
    Stat stat = statOf(fd.get(), place.name);
    return {std::move(fd), std::move(stat)};
}

void requireStill(const FilePlace& place, const Held& held) {
    const auto now = statAt(place.folder.get(), place.name);
    if (!now || !sameEntry(*now, held.stat)) {
        throw Error(ErrorCode::conflict, "it has changed meanwhile");
    }
}

// Who may write to the folder can put a further name of somebody else's file in the place of one
// under way: that is not given away.
void requireOwnEntry(const Held& held) {
    const EntryType type = held.stat.type;
    const bool isOnce = type == EntryType::file && held.stat.links == 1;
    if (isOnce || type == EntryType::folder || type == EntryType::symlink) return;
    throw Error(ErrorCode::conflict, "something else is in the place of what was made");
}

// Its octets go to the disk before its name: a power loss that left the name of an empty file would
// look like a change that somebody has made. That of a link is its name; a file that cannot be
// opened has nothing that was written here.
void writeOut(const Held& held) {
    if (held.stat.type != EntryType::file) return;
    const std::string self = "/proc/self/fd/" + std::to_string(held.fd.get());
    const UniqueFd file(::open(self.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return;
    constexpr unsigned andWait =
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    if (::sync_file_range(file.get(), 0, 0, andWait) != 0 && errno != ENOSYS && errno != EINVAL) {
        throw Error::fromErrno(errno, "write to the disk");
    }
}

// Of a link, which has no permissions, the times alone.
void setLook(const FilePlace& place, const Held& held, const ObjectTree::Look& wanted) {
    if (wanted.mode && held.stat.type != EntryType::symlink) {
        const std::string self = "/proc/self/fd/" + std::to_string(held.fd.get());
        if (::chmod(self.c_str(), *wanted.mode & carriedBits) != 0) {
            throw Error::fromErrno(errno, "set mode");
        }
    }
    if (!wanted.modified) return;
    timespec times[2] = {};
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_sec = wanted.modified->seconds;
    times[1].tv_nsec = static_cast<long>(wanted.modified->nanoseconds);
    requireStill(place, held);
    if (::utimensat(place.folder.get(), place.name.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
        throw Error::fromErrno(errno, "set time");
    }
}

// Who may not give files away keeps them.
void giveTo(const Held& held, const Stat& owner) {
    if (::fchownat(held.fd.get(), "", owner.uid, owner.gid, AT_EMPTY_PATH) == 0) return;
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
        statThere(from, path);
        const Held held = hold(from);
        const bool stays = path == target;
        std::optional<Stat> there;
        if (replaced) there = requireLike(to, target, *replaced);
        if (!stays) {
            requireOwnEntry(held);
            writeOut(held);
            giveTo(held, there ? *there : statOf(to.folder.get(), ""));
        } else if (there && !sameEntry(*there, held.stat)) {
            throw Error(ErrorCode::conflict, shownPath(path) + " has changed meanwhile");
        }
        setLook(from, held, wanted);  // a new owner may take bits of the mode away
        // Looked at before others can reach it: what they do to it then is a change.
        requireStill(from, held);
        ObjectEntry entry = objectOf(from.folder.get(), statThere(from, path), *accounts_);
        entry.name = to.name;
        if (stays) return entry;
        if (replaced) requireLike(to, target, *replaced);
        renameTo(from, to, target, replaced.has_value());
        return entry;
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
        ::sync();  // what is mounted below, too
    });
}

}  // namespace coffer
