#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffer {

// Owned and borrowed runs of octets. A ByteView never outlives what it looks at.
using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// The octets of `text`, borrowed.
inline ByteView bytesOf(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The octets as a string of bytes (no encoding is implied), borrowed.
inline std::string_view textOf(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes toBytes(ByteView view) {
    return {view.begin(), view.end()};
}

void append(Bytes& to, ByteView from);

/// Lower-case hexadecimal, two digits per octet.
std::string toHex(ByteView bytes);

/// Inverse of toHex; either case. Throws Error(invalidArgument) on an odd length or a foreign
/// digit.
Bytes fromHex(std::string_view text);

}  // namespace coffer
