#pragma once

#include <openssl/ssl.h>

namespace coffer::rpc {

/// Bounds the connections of a server, so that a crowd of peers that say nothing takes neither all
/// descriptors nor all threads: whoever comes beyond is hung up on at once. Peers that show no
/// certificate have a small share of their own. Lives as CallerHooks do, in a server.
class ConnectionLimit {
  public:
    static constexpr long most = 4'000;
    static constexpr long mostWithoutCertificate = 200;
    static constexpr long descriptorsForOthers = 512;  // files, databases, sockets of workers

    /// Raises the process's limit of descriptors as far as it may.
    ConnectionLimit();
    ~ConnectionLimit();
    ConnectionLimit(const ConnectionLimit&) = delete;
    ConnectionLimit& operator=(const ConnectionLimit&) = delete;
};

/// At the end of a handshake, for a connection to a server. False: it is to be closed.
bool admitAfterHandshake(SSL& ssl);

}  // namespace coffer::rpc
