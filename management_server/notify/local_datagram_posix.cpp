#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/base/unique_fd.h"
#include "management_server/notify/local_datagram.h"

namespace coffer {

void sendLocalDatagram(const std::string& path, std::string_view text) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        throw Error(ErrorCode::invalidArgument, "a socket's path is too long");
    }
    std::ranges::copy(path, address.sun_path);
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (socket.get() < 0) throw Error::fromErrno(errno, "socket");
    const auto* const to = reinterpret_cast<const sockaddr*>(&address);
    if (::sendto(socket.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT, to,
                 sizeof address) < 0) {
        throw Error::fromErrno(errno, printable(path));
    }
}

}  // namespace coffer
