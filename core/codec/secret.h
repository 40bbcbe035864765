#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/bytes.h"

namespace coffer {

/// Overwrites memory in a way the compiler keeps.
void wipe(std::span<std::uint8_t> memory);

/// N secret octets, wiped when they go. A value; used by one thread.
template <std::size_t N>
class Secret {
  public:
    Secret() = default;
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    ~Secret() { wipe(bytes_); }

    std::array<std::uint8_t, N>& bytes() { return bytes_; }
    const std::array<std::uint8_t, N>& bytes() const { return bytes_; }
    ByteView view() const { return bytes_; }

    /// From exactly N octets; the caller has checked the length.
    static Secret from(ByteView view) {
        Secret secret;
        for (std::size_t i = 0; i < N; ++i) secret.bytes_[i] = view[i];
        return secret;
    }
    static Secret random();

    bool operator==(const Secret&) const = default;

  private:
    std::array<std::uint8_t, N> bytes_{};
};

using SecretKey = Secret<32>;

/// HKDF-SHA-256 (RFC 5869): a key for one purpose out of a parent key.
SecretKey deriveKey(const SecretKey& parent, ByteView salt, ByteView info);

}  // namespace coffer
