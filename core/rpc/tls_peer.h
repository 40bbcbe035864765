#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>

#include "core/trust/certificate.h"

namespace coffer::rpc {

using PeerCheck = std::function<bool(const CertificateFacts& peer)>;

/// Whom this process talks to.
struct PeerRules {
    PeerCheck accepts{};  // has to accept every peer; none: nobody is asked
    bool stores = false;  // a store may answer calls, too
};

/// Has every certificate that a peer shows checked within the handshake, beyond what OpenSSL
/// checks: who answers a call has to be a server (or a store, if rules say so) by role and name,
/// who makes one an agent or a client. The rules outlive the context.
void checkPeers(SSL_CTX& context, const PeerRules& rules);

/// For SSL_CTX_set_verify; needs checkPeers.
int verifyPeer(int sound, X509_STORE_CTX* verification);

/// What a certificate says that verifyPeer has let through; nothing for any other. Shared by all
/// calls of a connection.
std::shared_ptr<const CertificateFacts> checkedFacts(const X509& certificate);

}  // namespace coffer::rpc
