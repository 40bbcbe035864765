#include "core/rpc/tls_context.h"

#include "core/rpc/connection_limit.h"
#include "core/rpc/tls_refusal.h"
#include "core/rpc/tls_socket.h"

namespace coffer::rpc {

namespace {

// Of a peer that has shown its certificate.
constexpr std::size_t readAhead = 64U << 10;

/// Whether an alert is about the certificate that we have shown.
bool isAboutOurs(int alert) {
    switch (alert & 0xff) {
        case SSL_AD_BAD_CERTIFICATE:
        case SSL_AD_UNSUPPORTED_CERTIFICATE:
        case SSL_AD_CERTIFICATE_REVOKED:
        case SSL_AD_CERTIFICATE_EXPIRED:
        case SSL_AD_CERTIFICATE_UNKNOWN:
        case SSL_AD_UNKNOWN_CA:
        case SSL_AD_ACCESS_DENIED:
            return true;
        default:
            return false;
    }
}

void onAlert(const SSL& ssl, int alert) {
    if (!isAboutOurs(alert)) return;
    std::string text =
        std::string("the server refuses our certificate: ") + SSL_alert_desc_string_long(alert);
    // "Bad" is also what one is that does not hold yet by the server's clock.
    const int kind = alert & 0xff;
    const X509* ours = SSL_get_certificate(&ssl);
    if (ours && (kind == SSL_AD_BAD_CERTIFICATE || kind == SSL_AD_CERTIFICATE_EXPIRED)) {
        text += " (" + textOf(validityOf(*ours)) + "; the clock of the server may be wrong)";
    }
    noteRefusal({ErrorCode::permissionDenied, text});
}

bool isWelcome(SSL& ssl, int where) {
    if (where & SSL_CB_HANDSHAKE_START) return mayBegin(ssl);
    if (where & SSL_CB_HANDSHAKE_DONE) return mayStay(ssl);
    return true;
}

void onProgress(const SSL* ssl, int where, int value) {
    try {
        if (where & SSL_CB_HANDSHAKE_START) watchPeer(SSL_get_fd(ssl));
        if (where & SSL_CB_HANDSHAKE_DONE) {
            SSL_set_default_read_buffer_len(const_cast<SSL*>(ssl), readAhead);
        }
        if (SSL_is_server(ssl)) {
            if (!isWelcome(const_cast<SSL&>(*ssl), where)) hangUp(SSL_get_fd(ssl));
            return;
        }
        if (where & SSL_CB_HANDSHAKE_START) forgetRefusal();
        if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT) onAlert(*ssl, value);
    } catch (...) {
        // No exception may pass through OpenSSL.
    }
}

}  // namespace

void TlsContext::set_supported_versions() {
    SSL_CTX* context = get_SSL_CTX();
    require(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1, "set the TLS version");
    // Of TLS 1.2; all suites of 1.3 are good.
    require(SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1,
            "set the ciphers");
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                     SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // Several records with one look at the socket; no room is held while nothing arrives. The guard
    // (tls_guard.h) tells omniORB of what was read ahead.
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    // Every handshake shows and checks certificates, so that a revoked one is noticed.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    require(SSL_CTX_set_num_tickets(context, 0) == 1, "switch tickets off");
    sslContext::verify_callback = verifyPeer;
    sslContext::info_callback = onProgress;
    checkPeers(*context, rules_);
}

void TlsContext::set_CA() {
    X509_STORE* store = SSL_CTX_get_cert_store(get_SSL_CTX());
    for (const CertificatePtr& authority : identity_.authorities()) {
        require(X509_STORE_add_cert(store, authority.get()) == 1, "trust an authority");
        require(SSL_CTX_add_client_CA(get_SSL_CTX(), authority.get()) == 1, "name an authority");
    }
}

void TlsContext::set_certificate() {}

void TlsContext::set_privatekey() {
    SSL_CTX_set_cert_cb(get_SSL_CTX(), showIdentity, this);
}

void TlsContext::set_DH() {}

int TlsContext::set_verify_mode() {
    return SSL_VERIFY_PEER;
}

int TlsContext::showIdentity(SSL* ssl, void* self) {
    try {
        return static_cast<TlsContext*>(self)->identity_.show(*ssl) ? 1 : 0;
    } catch (...) {
        return 0;  // no exception may pass through OpenSSL
    }
}

}  // namespace coffer::rpc
