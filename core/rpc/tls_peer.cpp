#include "core/rpc/tls_peer.h"

#include "core/base/error.h"
#include "core/trust/openssl.h"

namespace coffer::rpc {

namespace {

using FactsPtr = std::shared_ptr<const CertificateFacts>;

void freeFacts(void*, void* facts, CRYPTO_EX_DATA*, int, long, void*) {
    delete static_cast<FactsPtr*>(facts);
}

// A copy of the certificate has not been checked.
int copyNoFacts(CRYPTO_EX_DATA*, const CRYPTO_EX_DATA*, void** facts, int, long, void*) {
    *facts = nullptr;
    return 1;
}

int factsIndex() {
    static const int index = X509_get_ex_new_index(0, nullptr, nullptr, copyNoFacts, freeFacts);
    return index;
}

int acceptsIndex() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

bool fitsSide(const CertificateFacts& peer, bool weAnswer) {
    if (weAnswer) return peer.role == Role::agent || peer.role == Role::client;
    return peer.role == Role::server && peer.name == serverCommonName;
}

bool acceptPeer(X509& certificate, const SSL& ssl) {
    const auto* accepts =
        static_cast<const PeerCheck*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(&ssl), acceptsIndex()));
    auto facts =
        std::make_unique<FactsPtr>(std::make_shared<const CertificateFacts>(factsOf(certificate)));
    if (!fitsSide(**facts, SSL_is_server(&ssl) == 1)) return false;
    if (accepts && *accepts && !(*accepts)(**facts)) return false;
    if (X509_get_ex_data(&certificate, factsIndex())) return true;
    if (X509_set_ex_data(&certificate, factsIndex(), facts.get()) != 1) return false;
    facts.release();  // freed with the certificate
    return true;
}

}  // namespace

void checkPeers(SSL_CTX& context, const PeerCheck* accepts) {
    factsIndex();
    require(SSL_CTX_set_ex_data(&context, acceptsIndex(), const_cast<PeerCheck*>(accepts)) == 1,
            "set up TLS");
}

int verifyPeer(int sound, X509_STORE_CTX* verification) {
    if (!sound || X509_STORE_CTX_get_error_depth(verification) != 0) return sound;
    const auto* ssl = static_cast<const SSL*>(
        X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
    X509* certificate = X509_STORE_CTX_get_current_cert(verification);
    bool accepted = false;
    try {
        accepted = ssl && certificate && acceptPeer(*certificate, *ssl);
    } catch (...) {
        // A certificate that is none of ours. No exception may pass through OpenSSL.
    }
    if (!accepted) X509_STORE_CTX_set_error(verification, X509_V_ERR_CERT_REJECTED);
    return accepted ? 1 : 0;
}

std::shared_ptr<const CertificateFacts> checkedFacts(const X509& certificate) {
    const auto* facts = static_cast<const FactsPtr*>(X509_get_ex_data(&certificate, factsIndex()));
    return facts ? *facts : nullptr;
}

}  // namespace coffer::rpc
