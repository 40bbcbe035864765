#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>

#include "core/trust/certificate.h"

namespace coffer::rpc {

using PeerCheck = std::function<bool(const CertificateFacts& peer)>;

/// Has every certificate that a peer shows checked within the handshake, beyond what OpenSSL
/// checks: who answers a call has to be a server by role and name, who makes one an agent or a
/// client, and `accepts` (if there is one) has to accept it. `accepts` outlives the context.
void checkPeers(SSL_CTX& context, const PeerCheck* accepts);

/// For SSL_CTX_set_verify; needs checkPeers.
int verifyPeer(int sound, X509_STORE_CTX* verification);

/// What a certificate says that verifyPeer has let through; nothing for any other. Shared by all
/// calls of a connection.
std::shared_ptr<const CertificateFacts> checkedFacts(const X509& certificate);

}  // namespace coffer::rpc
