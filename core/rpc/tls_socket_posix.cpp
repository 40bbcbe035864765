#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

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

}  // namespace coffer::rpc
