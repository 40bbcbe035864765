#pragma once

#include "core/base/bytes.h"
#include "core/base/digest.h"
#include "core/codec/secret.h"

namespace coffer {

/// Public half of a box key pair: whoever holds it can seal, nobody can open with it.
using BoxPublicKey = Id<32, struct BoxPublicKeyTag>;

/// Private half: opens what was sealed to the public one. Wiped when it goes.
struct BoxKeyPair {
    BoxPublicKey publicKey;
    SecretKey secretKey;

    static BoxKeyPair fromSeed(const SecretKey& seed);
    static BoxKeyPair random() { return fromSeed(SecretKey::random()); }

    /// The pair that belongs to a private half.
    static BoxKeyPair fromSecretKey(const SecretKey& secretKey);
};

constexpr std::size_t boxOverhead = 48;

/// libsodium sealed box (X25519, XSalsa20-Poly1305): anonymous, so it proves nothing about the
/// sealer.
Bytes sealToBox(const BoxPublicKey& recipient, ByteView plaintext);

/// Throws Error(wrongKey) when the box was sealed to another key or has been changed, (corrupt)
/// when it is too short to be one.
Bytes openBox(const BoxKeyPair& recipient, ByteView sealed);

}  // namespace coffer
