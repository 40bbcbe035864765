#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/trust/certificate.h"
#include "core/trust/validity.h"

namespace coffer {

/// Owners of OpenSSL's objects, and the few steps that everybody needs who works with them. Used by
/// core/trust and the TLS set-up in core/rpc alone.
template <auto Free>
struct OpensslDeleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using BioPtr = std::unique_ptr<BIO, OpensslDeleter<BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, OpensslDeleter<X509_free>>;
using RequestPtr = std::unique_ptr<X509_REQ, OpensslDeleter<X509_REQ_free>>;

/// A BIO that reads from `text`, which has to outlive it.
BioPtr readerOf(std::string_view text);

/// A BIO that collects what is written to it, and what it collected.
BioPtr collector();
std::string textOf(BIO& collected);

/// PEM forms. A passphrase is never asked for. Readers throw Error(corrupt).
CertificatePtr readCertificate(std::string_view pem);
std::vector<CertificatePtr> readCertificates(std::string_view pem);  // at most 8
KeyPtr readPrivateKey(std::string_view pem);
std::string pemOf(const X509& certificate);

/// As the functions of certificate.h, of a certificate that has been parsed.
CertificateFacts factsOf(const X509& certificate);
Validity validityOf(const X509& certificate);
std::string fingerprintOf(const X509& certificate);

/// Throws Error(invalidArgument) unless `name` can be a CN.
void checkCommonName(const std::string& name);

/// Throws Error(internal) with OpenSSL's reason unless `result` is 1 or a pointer; empties its
/// queue of errors either way.
void require(bool result, const char* what);

}  // namespace coffer
