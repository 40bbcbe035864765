#include <openssl/pem.h>

#include "core/base/error.h"
#include "core/trust/certificate.h"
#include "core/trust/openssl.h"

namespace coffer {

std::string makePrivateKey() {
    const KeyPtr key(EVP_EC_gen("P-256"));
    require(key != nullptr, "make a key");
    const BioPtr bio = collector();
    require(PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                          nullptr) == 1,
            "write a key");
    return textOf(*bio);
}

std::string makeRequest(std::string_view privateKey, const std::string& name) {
    checkCommonName(name);
    const KeyPtr key = readPrivateKey(privateKey);
    const RequestPtr request(X509_REQ_new());
    require(request != nullptr, "make a request");
    X509_NAME* subject = X509_REQ_get_subject_name(request.get());
    require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(name.data()),
                                       static_cast<int>(name.size()), -1, 0) == 1,
            "name a request");
    require(X509_REQ_set_pubkey(request.get(), key.get()) == 1, "give a request its key");
    require(X509_REQ_sign(request.get(), key.get(), EVP_sha256()) > 0, "sign a request");
    const BioPtr bio = collector();
    require(PEM_write_bio_X509_REQ(bio.get(), request.get()) == 1, "write a request");
    return textOf(*bio);
}

}  // namespace coffer
