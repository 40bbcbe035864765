#pragma once

#include <span>

#include "core/base/bytes.h"
#include "core/base/digest.h"
#include "core/chunk/sha256_blocks.h"

namespace coffer {

/// HMAC-SHA-256 (RFC 2104) of many messages under one key, two of them side by side. Needs
/// haveSha256Instructions(). A value, used by one thread at a time.
class PairedHmac {
  public:
    /// The key has at most 64 octets.
    explicit PairedHmac(ByteView key);

    /// Gives, for each message, the HMAC of the octet `prefix` followed by it. `digests` has as
    /// many elements as `messages`.
    void digests(std::uint8_t prefix, std::span<const ByteView> messages,
                 std::span<Digest> digests) const;

  private:
    Sha256State inner_;  // after the key's block
    Sha256State outer_;
};

}  // namespace coffer
