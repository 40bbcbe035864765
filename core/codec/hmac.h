#pragma once

#include "core/base/bytes.h"
#include "core/base/digest.h"

namespace coffer {

/// HMAC-SHA-256 (RFC 2104, FIPS 180-4).
Digest hmacSha256(ByteView key, ByteView text);

}  // namespace coffer
