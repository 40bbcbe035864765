#pragma once

#include <string_view>

#include "core/base/bytes.h"
#include "core/base/digest.h"
#include "core/codec/secret.h"

namespace coffer {

/// Ed25519 (RFC 8032): checks signatures.
using VerifyKey = Id<32, struct VerifyKeyTag>;
using Signature = Id<64, struct SignatureTag>;

/// Signs. Wiped when it goes.
class SigningKey {
  public:
    static SigningKey fromSeed(const SecretKey& seed);
    static SigningKey random() { return fromSeed(SecretKey::random()); }

    const VerifyKey& verifyKey() const { return verifyKey_; }
    const SecretKey& seed() const { return seed_; }

    /// Signs `purpose` || 0 || message: a signature made for one purpose is worth nothing
    /// elsewhere.
    Signature sign(std::string_view purpose, ByteView message) const;

  private:
    SecretKey seed_;
    Secret<64> secret_;
    VerifyKey verifyKey_;
};

/// Throws Error(untrusted), naming `purpose`, unless the signature holds.
void verifySignature(const VerifyKey& key, std::string_view purpose, ByteView message,
                     const Signature& signature);

}  // namespace coffer
