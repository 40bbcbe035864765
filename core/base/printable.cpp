#include "core/base/printable.h"

#include <array>
#include <cstdint>

namespace coffer {

namespace {

struct Character {
    char32_t code = 0;
    std::size_t length = 0;  // 0: the octets are not valid UTF-8
};

/// The first character of `text`, which is not empty. Refuses overlong forms and surrogates.
Character firstCharacter(std::string_view text) {
    const auto octet = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
    const std::uint8_t lead = octet(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length == 0 || lead > 0xF4 || text.size() < length) return {};

    char32_t code = lead & (0x7Fu >> length);
    for (std::size_t at = 1; at < length; ++at) {
        if ((octet(at) & 0xC0) != 0x80) return {};
        code = (code << 6) | (octet(at) & 0x3Fu);
    }
    constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (code < smallest[length] || code > 0x10FFFF || surrogate) return {};
    return {code, length};
}

bool isUnsafe(char32_t code) {
    const bool control = code < 0x20 || (code >= 0x7F && code <= 0x9F);
    const bool lineEnd = code == 0x2028 || code == 0x2029;
    const bool direction = code == 0x061C || code == 0x200E || code == 0x200F ||
                           (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    return control || lineEnd || direction;
}

void appendEscaped(std::string& to, std::string_view octets) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char octet : octets) {
        const auto value = static_cast<std::uint8_t>(octet);
        to += "\\x";
        to += digits[value >> 4];
        to += digits[value & 15];
    }
}

}  // namespace

std::string printable(std::string_view text) {
    std::string safe;
    safe.reserve(text.size());
    while (!text.empty()) {
        const Character next = firstCharacter(text);
        const std::size_t length = next.length == 0 ? 1 : next.length;
        if (next.length == 0 || isUnsafe(next.code)) {
            appendEscaped(safe, text.substr(0, length));
        } else {
            if (next.code == U'\\') safe += '\\';
            safe += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    return safe;
}

}  // namespace coffer
