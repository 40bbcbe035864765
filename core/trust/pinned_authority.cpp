#include "core/trust/pinned_authority.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cctype>
#include <ctime>

#include "core/base/error.h"
#include "core/trust/openssl.h"

namespace coffer {

namespace {

using ContextPtr = std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, OpensslDeleter<SSL_free>>;
using StorePtr = std::unique_ptr<X509_STORE, OpensslDeleter<X509_STORE_free>>;
using VerificationPtr = std::unique_ptr<X509_STORE_CTX, OpensslDeleter<X509_STORE_CTX_free>>;

constexpr int patience = 10;  // seconds
constexpr unsigned nap = 20;  // milliseconds between two looks, where nothing can be waited for
constexpr int mostCertificates = 8;

Error unreachable(const Endpoint& where) {
    const unsigned long number = ERR_peek_last_error();
    const char* reason = number ? ERR_reason_error_string(number) : nullptr;
    ERR_clear_error();
    return {ErrorCode::unavailable, "cannot reach the server at " + where.text() + " over TLS" +
                                        (reason ? std::string(": ") + reason : "")};
}

BioPtr connect(const Endpoint& where, std::time_t end) {
    BioPtr bio(BIO_new_connect(where.text().c_str()));
    require(bio != nullptr, "prepare a connection");
    BIO_set_nbio(bio.get(), 1);
    while (BIO_do_connect(bio.get()) != 1) {
        const bool goesOn = BIO_should_retry(bio.get()) && BIO_wait(bio.get(), end, nap) == 1;
        if (!goesOn) throw unreachable(where);
    }
    return bio;
}

/// A finished handshake, in which nothing has been verified.
SslPtr shakeHands(SSL_CTX& context, const Endpoint& where) {
    const std::time_t end = std::time(nullptr) + patience;
    BioPtr bio = connect(where, end);
    SslPtr ssl(SSL_new(&context));
    require(ssl != nullptr, "prepare TLS");
    BIO* wire = bio.release();  // owned by the SSL object from here on
    SSL_set_bio(ssl.get(), wire, wire);
    for (;;) {
        const int result = SSL_connect(ssl.get());
        if (result == 1) return ssl;
        const int error = SSL_get_error(ssl.get(), result);
        const bool wants = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
        if (!wants || BIO_wait(wire, end, nap) != 1) throw unreachable(where);
    }
}

X509* withFingerprint(STACK_OF(X509) * shown, const std::string& fingerprint) {
    const int count = std::min(sk_X509_num(shown), mostCertificates);
    for (int at = 0; at < count; ++at) {
        X509* certificate = sk_X509_value(shown, at);
        if (fingerprintOf(*certificate) == fingerprint) return certificate;
    }
    return nullptr;
}

/// Whether a chain leads from `certificate` to `authority`, and to nothing else, and it may serve.
bool isSignedBy(X509& certificate, X509& authority) {
    const StorePtr store(X509_STORE_new());
    require(store && X509_STORE_add_cert(store.get(), &authority) == 1, "trust an authority");
    const VerificationPtr verification(X509_STORE_CTX_new());
    require(verification &&
                X509_STORE_CTX_init(verification.get(), store.get(), &certificate, nullptr) == 1,
            "prepare a verification");
    X509_STORE_CTX_set_purpose(verification.get(), X509_PURPOSE_SSL_SERVER);
    const bool holds = X509_verify_cert(verification.get()) == 1;
    ERR_clear_error();
    return holds;
}

void checkServer(X509& certificate, X509& authority) {
    const CertificateFacts facts = factsOf(certificate);
    const bool good = isSignedBy(certificate, authority) && facts.role == Role::server &&
                      facts.name == serverCommonName;
    if (!good) throw Error(ErrorCode::untrusted, "the server's certificate does not hold");
}

std::string lowerCase(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

}  // namespace

std::string fetchAuthority(const Endpoint& where, const std::string& fingerprint) {
    const ContextPtr context(SSL_CTX_new(TLS_client_method()));
    require(context && SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1,
            "prepare TLS");
    const SslPtr ssl = shakeHands(*context, where);
    X509* server = SSL_get0_peer_certificate(ssl.get());
    STACK_OF(X509)* shown = SSL_get_peer_cert_chain(ssl.get());
    X509* authority = withFingerprint(shown, lowerCase(fingerprint));
    if (!server || !authority) {
        throw Error(ErrorCode::untrusted, "the server at " + where.text() +
                                              " does not show the authority that was expected");
    }
    checkServer(*server, *authority);
    return pemOf(*authority);
}

}  // namespace coffer
