#pragma once

#include <array>
#include <compare>
#include <cstring>
#include <memory>
#include <string>

#include "core/base/bytes.h"

namespace coffer {

/// N octets that name something; a value. Ordered and hashable; the tag keeps kinds of ids apart.
template <std::size_t N, class Tag>
struct Id {
    std::array<std::uint8_t, N> bytes{};

    auto operator<=>(const Id&) const = default;
    ByteView view() const { return bytes; }
    std::string hex() const { return toHex(bytes); }
    bool isZero() const { return *this == Id{}; }

    /// From exactly N octets; the caller has checked the length.
    static Id from(ByteView view) {
        Id id;
        std::memcpy(id.bytes.data(), view.data(), N);
        return id;
    }
};

/// Hash of ids, which are uniformly spread already.
struct IdHash {
    template <std::size_t N, class Tag>
    std::size_t operator()(const Id<N, Tag>& id) const {
        std::size_t value;
        std::memcpy(&value, id.bytes.data(), sizeof value);
        return value;
    }
};

using Digest = Id<32, struct DigestTag>;

/// SHA-256 (FIPS 180-4) of a stream. Used by one thread.
class Sha256 {
  public:
    Sha256();
    void update(ByteView data);
    Digest finish();  // may be called once

  private:
    struct Deleter {
        void operator()(void* context) const;
    };
    std::unique_ptr<void, Deleter> context_;
};

Digest sha256(ByteView data);

}  // namespace coffer
