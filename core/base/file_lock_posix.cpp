#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "core/base/error.h"
#include "core/base/file_lock.h"

namespace coffer {

std::optional<FileLock> FileLock::tryTake(const std::string& path) {
    UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) throw Error::fromErrno(errno, "open lock " + path);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return {};
        throw Error::fromErrno(errno, "lock " + path);
    }
    // For people only: the lock itself is the system's.
    const std::string holder = std::to_string(::getpid()) + "\n";
    if (::ftruncate(file.get(), 0) == 0) {
        [[maybe_unused]] const auto written = ::pwrite(file.get(), holder.data(), holder.size(), 0);
    }
    return FileLock(std::move(file));
}

FileLock FileLock::take(const std::string& path) {
    if (auto lock = tryTake(path)) return std::move(*lock);
    char holder[32] = {};
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const auto length = file ? ::pread(file.get(), holder, sizeof holder - 1, 0) : 0;
    std::string who(holder, length > 0 ? static_cast<std::size_t>(length) : 0);
    while (!who.empty() && who.back() == '\n') who.pop_back();
    throw Error(ErrorCode::busy,
                "another program works on it" + (who.empty() ? "" : " (process " + who + ")"));
}

bool FileLock::isHeld(const std::string& path) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file) {
        if (errno == ENOENT) return false;
        throw Error::fromErrno(errno, "open lock " + path);
    }
    // Shared: several may look at once.
    if (::flock(file.get(), LOCK_SH | LOCK_NB) == 0) return false;
    if (errno == EWOULDBLOCK) return true;
    throw Error::fromErrno(errno, "lock " + path);
}

}  // namespace coffer
