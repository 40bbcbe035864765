#include "core/codec/sealed_box.h"

#include <sodium.h>

#include "core/base/error.h"
#include "core/codec/sodium_ready.h"

namespace coffer {

static_assert(boxOverhead == crypto_box_SEALBYTES);
static_assert(crypto_box_PUBLICKEYBYTES == 32 && crypto_box_SECRETKEYBYTES == 32);

BoxKeyPair BoxKeyPair::fromSeed(const SecretKey& seed) {
    sodiumReady();
    BoxKeyPair pair;
    crypto_box_seed_keypair(pair.publicKey.bytes.data(), pair.secretKey.bytes().data(),
                            seed.bytes().data());
    return pair;
}

BoxKeyPair BoxKeyPair::fromSecretKey(const SecretKey& secretKey) {
    sodiumReady();
    BoxKeyPair pair;
    pair.secretKey = secretKey;
    crypto_scalarmult_base(pair.publicKey.bytes.data(), secretKey.bytes().data());
    return pair;
}

Bytes sealToBox(const BoxPublicKey& recipient, ByteView plaintext) {
    sodiumReady();
    Bytes sealed(plaintext.size() + boxOverhead);
    if (crypto_box_seal(sealed.data(), plaintext.data(), plaintext.size(),
                        recipient.bytes.data()) != 0) {
        throw Error(ErrorCode::internal, "sealing to a public key failed");
    }
    return sealed;
}

Bytes openBox(const BoxKeyPair& recipient, ByteView sealed) {
    sodiumReady();
    if (sealed.size() < boxOverhead) throw Error(ErrorCode::corrupt, "sealed box is too short");
    Bytes plaintext(sealed.size() - boxOverhead);
    if (crypto_box_seal_open(plaintext.data(), sealed.data(), sealed.size(),
                             recipient.publicKey.bytes.data(),
                             recipient.secretKey.bytes().data()) != 0) {
        throw Error(ErrorCode::wrongKey, "the key does not open this, or it has been changed");
    }
    return plaintext;
}

}  // namespace coffer
