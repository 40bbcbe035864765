#pragma once

#include "core/base/bytes.h"
#include "core/codec/secret.h"

namespace coffer {

/// Octets by which sealed data is longer than its plaintext.
constexpr std::size_t sealOverhead = 16;

/// AES-256-GCM (NIST SP 800-38D) with the nonce 0: every key seals exactly one message, which the
/// caller guarantees by deriving it for that message alone. Appends ciphertext and tag to `out`.
void seal(const SecretKey& key, ByteView associated, ByteView plaintext, Bytes& out);

/// Inverse of seal. Throws Error(corrupt) when the key, the associated data or any octet is not
/// what was sealed.
Bytes openSealed(const SecretKey& key, ByteView associated, ByteView sealed);

/// The same into `out`, whose room is used again and which gets the plaintext's length.
void openSealed(const SecretKey& key, ByteView associated, ByteView sealed, Bytes& out);

}  // namespace coffer
