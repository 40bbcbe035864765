#include "core/rpc/tls_identity.h"

#include <openssl/err.h>

#include "core/base/error.h"
#include "core/trust/private_file.h"

namespace coffer::rpc {

namespace {

using StackPtr = std::unique_ptr<STACK_OF(X509), OpensslDeleter<[](STACK_OF(X509) * stack) {
                                     sk_X509_free(stack);  // not what is in it
                                 }>>;

}  // namespace

TlsIdentity::TlsIdentity(const std::string& authorityFile, std::string identityFile)
    : identityFile_(std::move(identityFile)) {
    authorities_ =
        during(authorityFile, [&] { return readCertificates(readTextFile(authorityFile)); });
    if (authorities_.empty()) {
        throw Error(ErrorCode::corrupt, authorityFile + ": no certificate in it");
    }
    reload();
}

void TlsIdentity::reload() {
    if (identityFile_.empty()) return;
    auto fresh = during(identityFile_, [&] { return read(); });
    shown_.with([&](auto& shown) { shown = std::move(fresh); });
}

std::shared_ptr<const TlsIdentity::Shown> TlsIdentity::read() const {
    const std::string pem = readTextFile(identityFile_);
    auto fresh = std::make_shared<Shown>();
    fresh->certificate = readCertificate(pem);
    fresh->key = readPrivateKey(pem);
    if (X509_check_private_key(fresh->certificate.get(), fresh->key.get()) != 1) {
        ERR_clear_error();
        throw Error(ErrorCode::wrongKey, "the key does not belong to the certificate");
    }
    return fresh;
}

// The authority goes along, for whoever knows only its fingerprint yet.
bool TlsIdentity::show(SSL& ssl) const {
    const auto now = shown_.with([](const auto& shown) { return shown; });
    if (!now) return true;
    const StackPtr chain(sk_X509_new_null());
    for (const CertificatePtr& authority : authorities_) {
        if (!chain || sk_X509_push(chain.get(), authority.get()) <= 0) return false;
    }
    return SSL_use_cert_and_key(&ssl, now->certificate.get(), now->key.get(), chain.get(), 1) == 1;
}

}  // namespace coffer::rpc
