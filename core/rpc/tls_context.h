#pragma once

#include <omniORB4/CORBA.h>
#include <omniORB4/sslContext.h>

#include "core/rpc/tls_identity.h"
#include "core/rpc/tls_peer.h"

namespace coffer::rpc {

/// Sets up TLS for omniORB: version 1.2 at least, no renegotiation, no resumption, and a
/// certificate of its own for every handshake, so that a new one is in use at once. Who comes
/// without a certificate is let in; who shows one that is not good is not. omniORB owns it.
class TlsContext : public sslContext {
  public:
    /// What it is given has to outlive the ORB.
    TlsContext(const TlsIdentity& identity, const PeerRules& rules)
        : sslContext(nullptr, nullptr, nullptr), identity_(identity), rules_(rules) {}

  protected:
    void set_supported_versions() override;
    void set_CA() override;
    void set_certificate() override;
    void set_privatekey() override;
    void set_DH() override;
    int set_verify_mode() override;

  private:
    static int showIdentity(SSL* ssl, void* self);

    const TlsIdentity& identity_;
    const PeerRules& rules_;
};

}  // namespace coffer::rpc
