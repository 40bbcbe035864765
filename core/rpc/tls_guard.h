#pragma once

namespace coffer::rpc {

/// omniORB before 4.3.3 lets one thread read from a TLS connection while another writes to it,
/// which OpenSSL forbids; with bidirectional GIOP it happens all the time. tls_guard_posix.cpp
/// therefore puts itself between the two: programs that are linked with it have their own
/// SSL_read, SSL_write and so on, which serialise by connection. They never wait for the network
/// under the lock. SSL_pending also counts what was read ahead (tls_context.cpp) and waits in
/// records, so that nobody waits at the socket for what is there already; SSL_write has the kernel
/// gather the records of a long message.
///
/// Links the guard in and tests that omniORB really calls it. Throws Error(internal) otherwise.
void requireTlsGuard();

}  // namespace coffer::rpc
