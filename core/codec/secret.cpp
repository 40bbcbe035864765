#include "core/codec/secret.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <sodium.h>

#include <memory>

#include "core/base/error.h"
#include "core/base/random.h"

namespace coffer {

void wipe(std::span<std::uint8_t> memory) {
    sodium_memzero(memory.data(), memory.size());
}

template <std::size_t N>
Secret<N> Secret<N>::random() {
    Secret secret;
    fillRandom(secret.bytes_);
    return secret;
}

template class Secret<32>;
template class Secret<64>;

namespace {

struct KdfDeleter {
    void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};

OSSL_PARAM octets(const char* name, ByteView value) {
    // OpenSSL only reads it.
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(value.data()),
                                             value.size());
}

}  // namespace

SecretKey deriveKey(const SecretKey& parent, ByteView salt, ByteView info) {
    EVP_KDF* kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
    const std::unique_ptr<EVP_KDF_CTX, KdfDeleter> context(kdf ? EVP_KDF_CTX_new(kdf) : nullptr);
    EVP_KDF_free(kdf);
    char digest[] = "SHA256";
    // OpenSSL takes no empty salt; leaving it out means the same (RFC 5869, 2.2).
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        octets(OSSL_KDF_PARAM_KEY, parent.view()), octets(OSSL_KDF_PARAM_INFO, info),
        salt.empty() ? OSSL_PARAM_construct_end() : octets(OSSL_KDF_PARAM_SALT, salt),
        OSSL_PARAM_construct_end()};
    SecretKey key;
    if (!context ||
        EVP_KDF_derive(context.get(), key.bytes().data(), key.bytes().size(), parameters) != 1) {
        throw Error(ErrorCode::internal, "HKDF failed");
    }
    return key;
}

}  // namespace coffer
