#pragma once

#include "core/codec/sealed_box.h"
#include "core/codec/signature.h"

namespace coffer {

/// What the recovery kit holds: opens the key objects and vouches for config and first keys.
/// Both pairs come from one seed by HKDF (docs/formats/keys.md).
struct RootKey {
    SecretKey seed;
    BoxKeyPair box;
    SigningKey sign;

    static RootKey fromSeed(const SecretKey& seed);
    static RootKey random() { return fromSeed(SecretKey::random()); }
};

}  // namespace coffer
