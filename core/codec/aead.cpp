#include "core/codec/aead.h"

#include <openssl/evp.h>

#include <memory>

#include "core/base/error.h"

namespace coffer {

namespace {

struct CipherDeleter {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, CipherDeleter>;

constexpr std::uint8_t zeroNonce[12] = {};

Cipher makeCipher() {
    Cipher cipher(EVP_CIPHER_CTX_new());
    if (!cipher) throw Error(ErrorCode::internal, "no memory for a cipher");
    return cipher;
}

void check(int result) {
    if (result != 1) throw Error(ErrorCode::internal, "AES-256-GCM failed");
}

}  // namespace

void seal(const SecretKey& key, ByteView associated, ByteView plaintext, Bytes& out) {
    const Cipher cipher = makeCipher();
    EVP_CIPHER_CTX* context = cipher.get();
    check(EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nullptr, key.bytes().data(), zeroNonce));
    int written = 0;
    check(EVP_EncryptUpdate(context, nullptr, &written, associated.data(),
                            static_cast<int>(associated.size())));
    const std::size_t start = out.size();
    out.resize(start + plaintext.size() + sealOverhead);
    check(EVP_EncryptUpdate(context, out.data() + start, &written, plaintext.data(),
                            static_cast<int>(plaintext.size())));
    check(EVP_EncryptFinal_ex(context, out.data() + start + written, &written));
    check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, static_cast<int>(sealOverhead),
                              out.data() + start + plaintext.size()));
}

Bytes openSealed(const SecretKey& key, ByteView associated, ByteView sealed) {
    Bytes plaintext;
    openSealed(key, associated, sealed, plaintext);
    return plaintext;
}

void openSealed(const SecretKey& key, ByteView associated, ByteView sealed, Bytes& plaintext) {
    if (sealed.size() < sealOverhead) throw Error(ErrorCode::corrupt, "sealed data is too short");
    const Cipher cipher = makeCipher();
    EVP_CIPHER_CTX* context = cipher.get();
    const ByteView ciphertext = sealed.first(sealed.size() - sealOverhead);
    Bytes tag = toBytes(sealed.last(sealOverhead));
    plaintext.resize(ciphertext.size());
    int written = 0;
    check(EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nullptr, key.bytes().data(), zeroNonce));
    check(EVP_DecryptUpdate(context, nullptr, &written, associated.data(),
                            static_cast<int>(associated.size())));
    check(EVP_DecryptUpdate(context, plaintext.data(), &written, ciphertext.data(),
                            static_cast<int>(ciphertext.size())));
    check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag.size()),
                              tag.data()));
    if (EVP_DecryptFinal_ex(context, plaintext.data() + written, &written) != 1) {
        throw Error(ErrorCode::corrupt, "sealed data has been changed or the key is wrong");
    }
}

}  // namespace coffer
