#include "core/codec/signature.h"

#include <sodium.h>

#include "core/base/error.h"
#include "core/codec/sodium_ready.h"

namespace coffer {

namespace {

Bytes statement(std::string_view purpose, ByteView message) {
    Bytes all;
    all.reserve(purpose.size() + 1 + message.size());
    append(all, bytesOf(purpose));
    all.push_back(0);
    append(all, message);
    return all;
}

}  // namespace

SigningKey SigningKey::fromSeed(const SecretKey& seed) {
    sodiumReady();
    SigningKey key;
    key.seed_ = seed;
    crypto_sign_seed_keypair(key.verifyKey_.bytes.data(), key.secret_.bytes().data(),
                             seed.bytes().data());
    return key;
}

Signature SigningKey::sign(std::string_view purpose, ByteView message) const {
    const Bytes all = statement(purpose, message);
    Signature signature;
    crypto_sign_detached(signature.bytes.data(), nullptr, all.data(), all.size(),
                         secret_.bytes().data());
    return signature;
}

void verifySignature(const VerifyKey& key, std::string_view purpose, ByteView message,
                     const Signature& signature) {
    sodiumReady();
    const Bytes all = statement(purpose, message);
    if (crypto_sign_verify_detached(signature.bytes.data(), all.data(), all.size(),
                                    key.bytes.data()) != 0) {
        throw Error(ErrorCode::untrusted,
                    "the signature of the " + std::string(purpose) + " does not hold");
    }
}

}  // namespace coffer
