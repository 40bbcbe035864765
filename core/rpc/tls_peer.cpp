#include "core/rpc/tls_peer.h"

#include <array>

#include "core/base/error.h"
#include "core/rpc/tls_refusal.h"
#include "core/service/log.h"
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

int rulesIndex() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

[[noreturn]] void refuse(const SSL& ssl, const std::string& why, const std::string& subject) {
    const Error refusal(ErrorCode::untrusted, "the server's certificate is refused: " + why);
    if (SSL_is_server(&ssl)) {
        log(LogLevel::warning, "tls.refused", {{"why", why}, {"certificate", subject}});
    } else {
        noteRefusal(refusal);
    }
    throw refusal;
}

/// For people; whatever it says.
std::string subjectOf(const X509* certificate) {
    std::array<char, 300> text{};
    if (!certificate) return {};
    X509_NAME_oneline(X509_get_subject_name(certificate), text.data(), text.size());
    return text.data();
}

bool answers(const CertificateFacts& peer, const PeerRules& rules) {
    if (peer.role == Role::server) return peer.name == serverCommonName;
    return rules.stores && peer.role == Role::store && peer.name == storeCommonName;
}

void checkSide(const CertificateFacts& peer, const PeerRules& rules, const SSL& ssl) {
    if (SSL_is_server(&ssl)) {
        if (serves(peer.role)) refuse(ssl, "it is no client's", peer.name);
    } else if (!answers(peer, rules)) {
        refuse(ssl, "it is one of " + std::string(nameOf(peer.role)) + " " + peer.name, peer.name);
    }
}

/// Who sees the certificate later finds the facts at it.
void attach(X509& certificate, FactsPtr facts) {
    if (X509_get_ex_data(&certificate, factsIndex())) return;
    auto owned = std::make_unique<FactsPtr>(std::move(facts));
    require(X509_set_ex_data(&certificate, factsIndex(), owned.get()) == 1, "keep a certificate");
    owned.release();  // freed with the certificate
}

void accept(X509& certificate, const SSL& ssl) {
    const auto& rules =
        *static_cast<const PeerRules*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(&ssl), rulesIndex()));
    const auto facts = std::make_shared<const CertificateFacts>(factsOf(certificate));
    checkSide(*facts, rules, ssl);
    if (rules.accepts && !rules.accepts(*facts))
        refuse(ssl, "it is not accepted any more", facts->name);
    attach(certificate, facts);
}

// Of a certificate that does not hold now it may well be the clock that is wrong.
std::string problemOf(X509_STORE_CTX* verification, const X509* certificate) {
    const int problem = X509_STORE_CTX_get_error(verification);
    std::string text = X509_verify_cert_error_string(problem);
    const bool isOfTime =
        problem == X509_V_ERR_CERT_NOT_YET_VALID || problem == X509_V_ERR_CERT_HAS_EXPIRED;
    if (isOfTime && certificate) {
        text += " (" + textOf(validityOf(*certificate)) + ", and the clock of this computer says " +
                toIso8601(SystemClock().now()) + ")";
    }
    return text;
}

}  // namespace

void checkPeers(SSL_CTX& context, const PeerRules& rules) {
    factsIndex();
    require(SSL_CTX_set_ex_data(&context, rulesIndex(), const_cast<PeerRules*>(&rules)) == 1,
            "set up TLS");
}

int verifyPeer(int sound, X509_STORE_CTX* verification) {
    const auto* ssl = static_cast<const SSL*>(
        X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
    X509* certificate = X509_STORE_CTX_get_current_cert(verification);
    try {
        if (!sound) {
            refuse(*ssl, problemOf(verification, certificate), subjectOf(certificate));
        } else if (X509_STORE_CTX_get_error_depth(verification) == 0) {
            accept(*certificate, *ssl);
        }
        return 1;
    } catch (...) {
        // No exception may pass through OpenSSL.
    }
    // What "rejected" becomes for the peer is also what one is told that does not hold yet.
    if (sound) X509_STORE_CTX_set_error(verification, X509_V_ERR_CERT_REVOKED);
    return 0;
}

std::shared_ptr<const CertificateFacts> checkedFacts(const X509& certificate) {
    const auto* facts = static_cast<const FactsPtr*>(X509_get_ex_data(&certificate, factsIndex()));
    return facts ? *facts : nullptr;
}

}  // namespace coffer::rpc
