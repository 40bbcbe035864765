#include "core/agent/child_pipe_posix.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "core/base/error.h"

namespace coffer {

UniqueFd aboveStreams(UniqueFd fd) {
    if (fd.get() > STDERR_FILENO) return fd;
    UniqueFd high(::fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!high) throw Error::fromErrno(errno, "make pipe");
    return high;
}

ChildPipe::ChildPipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Error::fromErrno(errno, "make pipe");
    read = UniqueFd(ends[0]);
    write = UniqueFd(ends[1]);
    read = aboveStreams(std::move(read));
    write = aboveStreams(std::move(write));
}

void doNotBlock(const UniqueFd& fd) {
    if (::fcntl(fd.get(), F_SETFL, O_NONBLOCK) != 0) throw Error::fromErrno(errno, "make pipe");
}

}  // namespace coffer
