#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "core/base/error.h"
#include "core/base/file_mutex.h"

namespace coffer {

FileMutex::FileMutex(const std::string& path)
    : path_(path), file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660)) {
    if (!file_) throw Error::fromErrno(errno, "open lock " + path_);
}

void FileMutex::lock() {
    while (::flock(file_.get(), LOCK_EX) != 0) {
        if (errno != EINTR) throw Error::fromErrno(errno, "lock " + path_);
    }
}

void FileMutex::unlock() noexcept {
    ::flock(file_.get(), LOCK_UN);
}

}  // namespace coffer
