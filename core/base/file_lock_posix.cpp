#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>

#include "core/base/error.h"
#include "core/base/file_lock.h"

namespace coffer {

namespace {

UniqueFd openLock(const std::string& path, mode_t mode) {
    UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!file) throw Error::fromErrno(errno, "open lock " + path);
    return file;
}

// False when others hold it so that it cannot be had.
bool tryLock(const UniqueFd& file, int how, const std::string& path) {
    if (::flock(file.get(), how | LOCK_NB) == 0) return true;
    if (errno == EWOULDBLOCK) return false;
    throw Error::fromErrno(errno, "lock " + path);
}

struct Holder {
    std::string process;
    std::string group;
};

Holder holderIn(const UniqueFd& file) {
    char text[200] = {};
    const auto length = file ? ::pread(file.get(), text, sizeof text - 1, 0) : 0;
    const std::string all(text, length > 0 ? static_cast<std::size_t>(length) : 0);
    Holder holder;
    const std::size_t first = all.find('\n');
    holder.process = all.substr(0, first);
    if (first != all.npos) {
        holder.group = all.substr(first + 1, all.find('\n', first + 1) - first - 1);
    }
    return holder;
}

// Who holds it: a line with the number of the process, for people, and one with the group, which
// has to be right. Over what is there, and cut behind: on a full disk that needs no room.
void write(const UniqueFd& file, std::string_view group, const std::string& path) {
    std::string text = std::to_string(::getpid()) + "\n";
    if (!group.empty()) text.append(group).append("\n");
    errno = ENOSPC;  // of a write that ends early
    const auto written = ::pwrite(file.get(), text.data(), text.size(), 0);
    if (written == std::ssize(text)) {
        [[maybe_unused]] const int cut = ::ftruncate(file.get(), written);
    } else if (!group.empty() && holderIn(file).group != group) {
        throw Error::fromErrno(errno, "write lock " + path);
    }
}

}  // namespace

std::optional<FileLock> FileLock::tryTake(const std::string& path) {
    UniqueFd file = openLock(path, 0600);
    if (!tryLock(file, LOCK_EX, path)) return {};
    write(file, {}, path);
    return FileLock(std::move(file));
}

FileLock FileLock::take(const std::string& path) {
    if (auto lock = tryTake(path)) return std::move(*lock);
    refuse(path);
}

void FileLock::refuse(const std::string& path, std::string_view group) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    const Holder holder = holderIn(file);
    const bool others = !group.empty() && !holder.group.empty() && holder.group != group;
    throw Error(ErrorCode::busy,
                std::string(others ? "programs of another server work on it"
                                   : "another program works on it") +
                    (holder.process.empty() ? "" : " (process " + holder.process + ")"));
}

// Whoever is alone there enters the group, then makes place for others of it. As that change is no
// single step, the group is read again behind it, and can be trusted then: it is only written by
// who holds the lock alone.
std::optional<FileLock> FileLock::tryShare(const std::string& path, std::string_view group) {
    UniqueFd file = openLock(path, 0660);
    if (tryLock(file, LOCK_EX, path)) write(file, group, path);
    if (!tryLock(file, LOCK_SH, path) || holderIn(file).group != group) return {};
    return FileLock(std::move(file));
}

bool FileLock::isHeld(const std::string& path) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file) {
        if (errno == ENOENT) return false;
        throw Error::fromErrno(errno, "open lock " + path);
    }
    // Shared: several may look at once.
    return !tryLock(file, LOCK_SH, path);
}

std::string FileLock::identity() const {
    struct stat facts {};
    if (::fstat(file_.get(), &facts) != 0) throw Error::fromErrno(errno, "look at a lock");
    std::string boot;
    std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), boot);
    return boot + " " + std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino);
}

}  // namespace coffer
