#include "core/agent/folder_stream_posix.h"

#include <fcntl.h>

#include <cerrno>

#include "core/base/error.h"
#include "core/base/unique_fd.h"

namespace coffer {

FolderStream::FolderStream(int folder) {
    // Opened anew: a duplicate would share the place where the folder is being read.
    const int own = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (own >= 0) stream_.reset(::fdopendir(own));
    if (stream_) return;
    const int why = errno;
    const UniqueFd closed(own);
    throw Error::fromErrno(why, "list folder");
}

std::optional<std::string> FolderStream::next() {
    for (errno = 0; const dirent* found = ::readdir(stream_.get()); errno = 0) {
        std::string name = found->d_name;
        if (name != "." && name != "..") return name;
    }
    if (errno != 0) throw Error::fromErrno(errno, "list folder");
    return std::nullopt;
}

}  // namespace coffer
