#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string_view>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/source/enclosing_repository.h"
#include "core/source/file_system_target.h"
#include "core/source/open_beneath.h"
#include "core/source/stat_posix.h"
#include "core/source/target_attributes.h"
#include "core/source/target_file.h"
#include "core/source/target_flags.h"
#include "core/source/target_path.h"

namespace coffer {

namespace {

constexpr std::size_t openFolders = 256;
constexpr std::string_view lostAndFound = "lost+found";

// Asking the kernel with umask() would change it for all threads for a moment.
std::optional<std::uint32_t> processUmask() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("Umask:")) {
            return static_cast<std::uint32_t>(std::stoul(line.substr(6), nullptr, 8));
        }
    }
    return std::nullopt;
}

bool isEmpty(int folder) {
    const int fd = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(fd < 0 ? nullptr : ::fdopendir(fd),
                                                      ::closedir);
    if (!entries) throw Error::fromErrno(errno, "list target");
    errno = 0;
    while (const auto* entry = ::readdir(entries.get())) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != ".." && name != lostAndFound) return false;
    }
    if (errno != 0) throw Error::fromErrno(errno, "list target");
    return true;
}

UniqueFd openTarget(const std::string& path, bool resume) {
    return during("restore to " + printable(path), [&] {
        if (path.empty()) throw Error(ErrorCode::invalidArgument, "no folder is named");
        requireOutsideRepositories(path);
        auto folder = openOrMakeFolder(path);
        if (!resume && !isEmpty(folder.get())) {
            throw Error(ErrorCode::alreadyExists, "target is not empty");
        }
        return folder;
    });
}

// A handle of an entry, never of what a symlink points to.
UniqueFd openHandle(const TargetFolder& folder, const std::string& name, int flags = 0) {
    UniqueFd handle(::openat(folder.fd(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC | flags));
    if (!handle) throw Error::fromErrno(errno, "open");
    return handle;
}

// A file or folder opened for reading; none of other kinds, of symlinks and when it is forbidden.
UniqueFd openMarked(const TargetFolder& folder, const std::string& name) {
    const auto found = statAt(folder.fd(), name);
    if (!found || (found->type != EntryType::file && found->type != EntryType::folder)) return {};
    constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    return UniqueFd(::openat(folder.fd(), name.c_str(), flags));
}

// Runs a system call; when it is forbidden, once more with the immutable and append-only marks of
// the entry lifted meanwhile.
template <class Call>
void despiteProtection(const TargetFolder& folder, const std::string& name, const char* what,
                       Call&& call) {
    if (call() == 0) return;
    int why = errno;
    if (why == EPERM) {
        if (const auto entry = openMarked(folder, name)) {
            const ProtectionLift lift(entry.get());
            why = call() == 0 ? 0 : errno;
        }
    }
    if (why == EISDIR) throw Error(ErrorCode::invalidArgument, std::string(what) + ": a folder");
    if (why != 0) throw Error::fromErrno(why, what);
}

// Makes an existing folder private, changeable, and free of ACLs that new entries would inherit.
void takeOverFolder(const TargetFolder& parent, const std::string& name) {
    const auto handle = openHandle(parent, name, O_DIRECTORY);
    const auto viaProc = "/proc/self/fd/" + std::to_string(handle.get());
    if (::chmod(viaProc.c_str(), 0700) != 0) {
        const int why = errno;
        const auto folder = openMarked(parent, name);
        if (why != EPERM || !folder) throw Error::fromErrno(why, "make private");
        ProtectionLift(folder.get()).keepLifted();
        if (::chmod(viaProc.c_str(), 0700) != 0) throw Error::fromErrno(errno, "make private");
    }
    for (const char* acl : {"system.posix_acl_access", "system.posix_acl_default"}) {
        if (::removexattr(viaProc.c_str(), acl) == 0) continue;
        if (errno != ENODATA && errno != EOPNOTSUPP) throw Error::fromErrno(errno, "remove ACL");
    }
}

int makeNode(int folder, const std::string& name, const Attributes& wanted, mode_t mode) {
    switch (wanted.type) {
        case EntryType::symlink:
            return ::symlinkat(wanted.linkTarget.c_str(), folder, name.c_str());
        case EntryType::fifo:
            return ::mkfifoat(folder, name.c_str(), mode);
        case EntryType::socket:
            return ::mknodat(folder, name.c_str(), S_IFSOCK | mode, 0);
        case EntryType::characterDevice:
            return ::mknodat(folder, name.c_str(), S_IFCHR | mode,
                             ::makedev(wanted.deviceMajor, wanted.deviceMinor));
        case EntryType::blockDevice:
            return ::mknodat(folder, name.c_str(), S_IFBLK | mode,
                             ::makedev(wanted.deviceMajor, wanted.deviceMinor));
        case EntryType::file:
        case EntryType::folder:
            break;
    }
    throw Error(ErrorCode::invalidArgument, "not a special entry");
}

}  // namespace

FileSystemTarget::Options::Options() : restoreOwner(::geteuid() == 0) {}

FileSystemTarget::FileSystemTarget(const std::string& path, Options options)
    : FileSystemTarget(openTarget(path, options.resume), options) {}

FileSystemTarget::FileSystemTarget(UniqueFd folder, Options options)
    : options_(options), umask_(processUmask()), folders_(std::move(folder), openFolders) {}

void FileSystemTarget::makeFolder(const std::string& path) {
    const auto entry = targetEntry(path);
    onPath("make folder", path, [&] {
        const auto parent = folders_.open(entry.folder);
        const std::string name(entry.name);
        if (::mkdirat(parent->fd(), name.c_str(), 0700) == 0) {
            const bool ownersBitsMasked = (umask_.value_or(0700) & 0700) != 0;
            if (ownersBitsMasked || parent->hasDefaultAcl()) takeOverFolder(*parent, name);
            return;
        }
        const int why = errno;
        const auto found = statAt(parent->fd(), name);
        const bool mayExist = options_.resume || path == lostAndFound;
        if (why != EEXIST || !mayExist || !found || found->type != EntryType::folder) {
            throw Error::fromErrno(why, "mkdir");
        }
        takeOverFolder(*parent, name);
        folders_.forget(path);
    });
}

std::unique_ptr<FileWriter> FileSystemTarget::createFile(const std::string& path,
                                                         const Attributes& attributes) {
    const auto entry = targetEntry(path);
    return onPath("create", path, [&] {
        const auto folder = folders_.open(entry.folder);
        return createTargetFile(*folder, std::string(entry.name), path, attributes,
                                {options_.restoreOwner, umask_});
    });
}

std::vector<std::string> FileSystemTarget::makeSpecial(const std::string& path,
                                                       const Attributes& attributes) {
    const auto entry = targetEntry(path);
    return onPath("create", path, [&] {
        const auto folder = folders_.open(entry.folder);
        const std::string name(entry.name);
        const mode_t mode = folder->isPrivate() ? attributes.mode & 0777 : 0600;
        if (makeNode(folder->fd(), name, attributes, mode) != 0) {
            throw Error::fromErrno(errno, "make");
        }
        const auto handle = openHandle(*folder, name);
        const auto made = statOf(handle.get(), name);
        if (made.type != attributes.type) throw Error(ErrorCode::conflict, "replaced meanwhile");
        return setAttributes(
            {handle.get(), true, {made.uid, made.gid}, made.mode, folder->hasDefaultAcl()},
            attributes, options_.restoreOwner);
    });
}

void FileSystemTarget::link(const std::string& existing, const std::string& path) {
    const auto from = targetEntry(existing);
    const auto to = targetEntry(path);
    onPath("link", path, [&] {
        const auto fromFolder = folders_.open(from.folder);
        const auto toFolder = folders_.open(to.folder);
        const std::string fromName(from.name);
        const std::string toName(to.name);
        despiteProtection(*fromFolder, fromName, "link", [&] {
            return ::linkat(fromFolder->fd(), fromName.c_str(), toFolder->fd(), toName.c_str(), 0);
        });
    });
}

void FileSystemTarget::replace(const std::string& made, const std::string& path) {
    checkSameFolder(made, path);
    const auto from = targetEntry(made);
    const auto to = targetEntry(path);
    onPath("replace", path, [&] {
        const auto folder = folders_.open(from.folder);
        const std::string fromName(from.name);
        const std::string toName(to.name);
        const auto found = statAt(folder->fd(), toName);
        if (found && found->type == EntryType::folder) {
            throw Error(ErrorCode::alreadyExists, "a folder is there");
        }
        // Either may be immutable: what was restored, and what it replaces.
        despiteProtection(*folder, fromName, "rename", [&] {
            try {
                despiteProtection(*folder, toName, "rename", [&] {
                    return ::renameat(folder->fd(), fromName.c_str(), folder->fd(), toName.c_str());
                });
                return 0;
            } catch (const Error& error) {
                if (error.systemError() != EPERM) throw;
                errno = EPERM;
                return -1;
            }
        });
    });
}

std::vector<std::string> FileSystemTarget::finishFolder(const std::string& path,
                                                        const Attributes& attributes) {
    targetPath(path);
    return onPath("finish folder", path, [&] {
        const auto folder = folders_.open(path);
        const auto now = statOf(folder->fd(), path);
        const bool mayHaveAcl = folder->hasDefaultAcl() || options_.resume || path.empty();
        auto refused =
            setAttributes({folder->fd(), false, {now.uid, now.gid}, now.mode, mayHaveAcl},
                          attributes, options_.restoreOwner);
        folders_.forget(path);
        return refused;
    });
}

std::optional<Stat> FileSystemTarget::stat(const std::string& path) {
    const auto entry = targetPath(path);
    return onPath("look at", path, [&]() -> std::optional<Stat> {
        if (path.empty()) return statOf(folders_.root()->fd(), path);
        try {
            return statAt(folders_.open(entry.folder)->fd(), std::string(entry.name));
        } catch (const Error& error) {
            if (error.code() == ErrorCode::notFound) return std::nullopt;
            throw;
        }
    });
}

void FileSystemTarget::remove(const std::string& path) {
    const auto entry = targetEntry(path);
    onPath("remove", path, [&] {
        const auto folder = folders_.open(entry.folder);
        const std::string name(entry.name);
        despiteProtection(*folder, name, "unlink",
                          [&] { return ::unlinkat(folder->fd(), name.c_str(), 0); });
    });
}

void FileSystemTarget::sync() {
    if (::syncfs(folders_.root()->fd()) != 0) throw Error::fromErrno(errno, "synchronise target");
}

}  // namespace coffer
