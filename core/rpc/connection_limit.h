#pragma once

#include <openssl/ssl.h>

namespace coffer::rpc {

// Bounds of a server's connections, so that a crowd of peers that say nothing takes neither all
// descriptors nor all threads: whoever comes beyond is hung up on at once. Peers that show no
// certificate have a small share of their own. All of it is counted by OpenSSL's objects.
constexpr long mostConnections = 4'000;
constexpr long mostWithoutCertificate = 200;
constexpr long descriptorsForOthers = 512;  // files, databases

/// For a server, before the first connection. Raises the process's limit of descriptors as far as
/// it may; the connections keep below it.
void limitConnections();

/// At the begin and at the end of a server's handshake. False: the connection is to be closed.
bool mayBegin(const SSL& ssl);
bool mayStay(SSL& ssl);

}  // namespace coffer::rpc
