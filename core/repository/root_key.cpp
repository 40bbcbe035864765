#include "core/repository/root_key.h"

namespace coffer {

RootKey RootKey::fromSeed(const SecretKey& seed) {
    return {seed, BoxKeyPair::fromSeed(deriveKey(seed, {}, bytesOf("coffer root box"))),
            SigningKey::fromSeed(deriveKey(seed, {}, bytesOf("coffer root sign")))};
}

}  // namespace coffer
