#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <limits>

#include "core/rpc/tls_socket.h"

namespace coffer::rpc {

namespace {

void set(int socket, int level, int option, int value) {
    ::setsockopt(socket, level, option, &value, sizeof value);
}

}  // namespace

void watchPeer(int socket) {
    set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(socket, IPPROTO_TCP, TCP_KEEPIDLE, 30);   // seconds of silence before the first probe
    set(socket, IPPROTO_TCP, TCP_KEEPINTVL, 10);  // seconds between probes
    set(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);     // probes without an answer
    set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, 60'000);  // ms that sent data may go unacknowledged
}

void hangUp(int socket) {
    ::shutdown(socket, SHUT_RDWR);
}

long raiseDescriptorLimit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<long>(std::min<rlim_t>(limit.rlim_cur, std::numeric_limits<int>::max()));
}

}  // namespace coffer::rpc
