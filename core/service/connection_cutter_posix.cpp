#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>

#include "core/base/error.h"
#include "core/service/connection_cutter.h"

namespace coffer {

ConnectionCutter::ConnectionCutter(std::chrono::steady_clock::time_point end) {
    thread_.start([this, end] {
        watched_.whenOrAt(
            end, [](const Watched& watched) { return watched.done; },
            [](Watched& watched) {
                if (watched.done) return;
                watched.over = true;
                for (const UniqueFd& each : watched.sockets) ::shutdown(each.get(), SHUT_RDWR);
            });
    });
}

ConnectionCutter::~ConnectionCutter() {
    watched_.change([](Watched& watched) { watched.done = true; });
}

void ConnectionCutter::watch(int socket) {
    UniqueFd own(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
    if (!own) throw Error::fromErrno(errno, "watch a connection");
    watched_.with([&](Watched& watched) {
        if (watched.over) ::shutdown(own.get(), SHUT_RDWR);
        watched.sockets.push_back(std::move(own));
    });
}

}  // namespace coffer
