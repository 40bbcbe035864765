#include "core/base/bytes.h"

#include "core/base/error.h"

namespace coffer {

// Not inline: gcc 12 sees overflows that are not there once it has inlined it.
void append(Bytes& to, ByteView from) {
    to.insert(to.end(), from.begin(), from.end());
}

std::string toHex(ByteView bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text.push_back(digits[byte >> 4]);
        text.push_back(digits[byte & 15]);
    }
    return text;
}

namespace {

std::uint8_t nibble(char digit) {
    if (digit >= '0' && digit <= '9') return static_cast<std::uint8_t>(digit - '0');
    if (digit >= 'a' && digit <= 'f') return static_cast<std::uint8_t>(digit - 'a' + 10);
    if (digit >= 'A' && digit <= 'F') return static_cast<std::uint8_t>(digit - 'A' + 10);
    throw Error(ErrorCode::invalidArgument, "not a hexadecimal digit");
}

}  // namespace

Bytes fromHex(std::string_view text) {
    if (text.size() % 2 != 0) {
        throw Error(ErrorCode::invalidArgument, "odd number of hexadecimal digits");
    }
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        bytes.push_back(static_cast<std::uint8_t>(nibble(text[i]) << 4 | nibble(text[i + 1])));
    }
    return bytes;
}

}  // namespace coffer
