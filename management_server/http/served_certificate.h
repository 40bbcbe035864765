#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "core/base/guarded.h"

namespace coffer {

/// The certificate that a TLS server shows, which may be taken anew while others shake hands.
/// Safe to share between threads.
class ServedCertificate {
  public:
    /// Of a file with certificate, chain and key (PEM). Throws Error(invalidArgument) when it
    /// cannot be read, or the key is of another certificate.
    explicit ServedCertificate(std::string file);
    ServedCertificate(const ServedCertificate&) = delete;
    ServedCertificate& operator=(const ServedCertificate&) = delete;

    /// Reads the file again, for connections from now on. Throws as above; then nothing changes.
    void reload();

    /// From now on connections of the context show it; it outlives them.
    void showOn(SSL_CTX* context);

  private:
    /// Never changed once it is made: handshakes read it without a lock.
    using Pair = std::shared_ptr<SSL_CTX>;
    static int show(SSL* connection, void* certificate);
    Pair read() const;

    const std::string file_;
    Guarded<Pair> pair_;
};

}  // namespace coffer
