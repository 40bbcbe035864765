#include "core/codec/hmac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/base/error.h"

namespace coffer {

Digest hmacSha256(ByteView key, ByteView text) {
    Digest digest;
    unsigned length = 0;
    if (!::HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), text.data(), text.size(),
                digest.bytes.data(), &length) ||
        length != digest.bytes.size()) {
        throw Error(ErrorCode::internal, "HMAC-SHA-256 failed");
    }
    return digest;
}

}  // namespace coffer
