#include "management_server/http/served_certificate.h"

#include <utility>

#include "core/base/error.h"

namespace coffer {

ServedCertificate::ServedCertificate(std::string file) : file_(std::move(file)), pair_(read()) {}

void ServedCertificate::reload() {
    Pair next = read();
    pair_.with([&](Pair& pair) { pair = std::move(next); });
}

void ServedCertificate::showOn(SSL_CTX* context) {
    ::SSL_CTX_set_cert_cb(context, &ServedCertificate::show, this);
}

int ServedCertificate::show(SSL* connection, void* certificate) {
    const Pair pair = static_cast<ServedCertificate*>(certificate)->pair_.with([](const Pair& its) {
        return its;
    });
    STACK_OF(X509)* chain = nullptr;
    ::SSL_CTX_get0_chain_certs(pair.get(), &chain);
    return ::SSL_use_cert_and_key(connection, ::SSL_CTX_get0_certificate(pair.get()),
                                  ::SSL_CTX_get0_privatekey(pair.get()), chain, 1);
}

ServedCertificate::Pair ServedCertificate::read() const {
    Pair pair(::SSL_CTX_new(::TLS_server_method()), ::SSL_CTX_free);
    const char* const file = file_.c_str();
    if (!pair || ::SSL_CTX_use_certificate_chain_file(pair.get(), file) != 1 ||
        ::SSL_CTX_use_PrivateKey_file(pair.get(), file, SSL_FILETYPE_PEM) != 1 ||
        ::SSL_CTX_check_private_key(pair.get()) != 1) {
        throw Error(ErrorCode::invalidArgument, "the certificate for HTTPS cannot be read");
    }
    return pair;
}

}  // namespace coffer
