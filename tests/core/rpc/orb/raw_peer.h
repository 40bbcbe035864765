#pragma once

#include <openssl/ssl.h>

#include <string>

#include "core/trust/openssl.h"
#include "core/trust/pinned_authority.h"

namespace coffer {

/// A peer that keeps to no rules: a plain TCP or TLS connection to send anything over.
class RawPeer {
  public:
    /// A TCP connection that says nothing yet.
    explicit RawPeer(const Endpoint& server);
    ~RawPeer();
    RawPeer(const RawPeer&) = delete;
    RawPeer& operator=(const RawPeer&) = delete;

    /// A TLS handshake, with a version at most and a certificate (PEM with key) if there is one.
    /// False when it fails.
    bool startTls(int version = TLS1_3_VERSION, const std::string& identityFile = {});

    /// What is left unsent when the server has closed the connection is nobody's error.
    void send(const std::string& octets);

    /// All that comes until the server closes the connection.
    std::string receiveAll();

    /// Whether the server takes part in a new handshake on the same connection (TLS 1.2).
    bool renegotiate();

  private:
    BioPtr wire_;
    SSL_CTX* context_ = nullptr;
    SSL* ssl_ = nullptr;
};

}  // namespace coffer
