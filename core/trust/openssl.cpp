#include "core/trust/openssl.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <climits>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::size_t longestPem = 1 << 20;
constexpr std::size_t longestChain = 8;

/// Instead of OpenSSL's own, which asks at the terminal.
int noPassphrase(char*, int, int, void*) {
    return -1;
}

}  // namespace

void require(bool result, const char* what) {
    const unsigned long number = ERR_peek_last_error();
    ERR_clear_error();
    if (result) return;
    const char* reason = ERR_reason_error_string(number);
    throw Error(ErrorCode::internal, std::string(what) + ": " + (reason ? reason : "failed"));
}

BioPtr readerOf(std::string_view text) {
    if (text.size() > longestPem) {
        throw Error(ErrorCode::limitExceeded, "a PEM text larger than 1 MiB");
    }
    BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    require(bio != nullptr, "read PEM");
    return bio;
}

BioPtr collector() {
    BioPtr bio(BIO_new(BIO_s_mem()));
    require(bio != nullptr, "write PEM");
    return bio;
}

std::string textOf(BIO& collected) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(&collected, &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

CertificatePtr readCertificate(std::string_view pem) {
    auto certificates = readCertificates(pem);
    if (certificates.empty()) throw Error(ErrorCode::corrupt, "no certificate in the PEM text");
    return std::move(certificates.front());
}

std::vector<CertificatePtr> readCertificates(std::string_view pem) {
    const BioPtr bio = readerOf(pem);
    std::vector<CertificatePtr> certificates;
    while (CertificatePtr next{PEM_read_bio_X509(bio.get(), nullptr, noPassphrase, nullptr)}) {
        if (certificates.size() == longestChain) {
            throw Error(ErrorCode::limitExceeded, "too many certificates in the PEM text");
        }
        certificates.push_back(std::move(next));
    }
    const auto end = ERR_peek_last_error();
    ERR_clear_error();
    if (ERR_GET_REASON(end) != PEM_R_NO_START_LINE) {
        throw Error(ErrorCode::corrupt, "a certificate in the PEM text does not parse");
    }
    return certificates;
}

KeyPtr readPrivateKey(std::string_view pem) {
    const BioPtr bio = readerOf(pem);
    KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, noPassphrase, nullptr));
    ERR_clear_error();
    if (!key) throw Error(ErrorCode::corrupt, "no private key in the PEM text");
    return key;
}

std::string pemOf(const X509& certificate) {
    const BioPtr bio = collector();
    require(PEM_write_bio_X509(bio.get(), &certificate) == 1, "write a certificate");
    return textOf(*bio);
}

void checkCommonName(const std::string& name) {
    if (name.empty() || name.size() > longestCommonName || printable(name) != name) {
        throw Error(ErrorCode::invalidArgument,
                    "a certificate's name has 1 to 64 octets, all printable");
    }
}

}  // namespace coffer
