#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "core/trust/openssl.h"

namespace coffer::rpc {

/// What this process trusts and shows in handshakes. Safe to share between threads.
class TlsIdentity {
  public:
    /// Reads both files; without an identity file nothing is shown. Throws Error(notFound),
    /// (corrupt), (wrongKey) when key and certificate do not belong together.
    TlsIdentity(const std::string& authorityFile, std::string identityFile);

    /// Reads the identity file anew. After an Error all stays as it was.
    void reload();

    const std::vector<CertificatePtr>& authorities() const { return authorities_; }

    /// Gives a handshake its certificate. False when OpenSSL refuses it.
    bool show(SSL& ssl) const;

  private:
    struct Shown {
        CertificatePtr certificate;
        KeyPtr key;
    };
    std::shared_ptr<const Shown> read() const;

    const std::string identityFile_;
    std::vector<CertificatePtr> authorities_;
    Guarded<std::shared_ptr<const Shown>> shown_;
};

}  // namespace coffer::rpc
