#include "management_server/directory/ldap_text.h"

#include <cstdint>

namespace coffer {

namespace {

bool isPlain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
}

}  // namespace

std::string ldapEscaped(std::string_view value) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : value) {
        if (isPlain(c)) {
            text += c;
            continue;
        }
        const auto octet = static_cast<std::uint8_t>(c);
        text += '\\';
        text += digits[octet >> 4];
        text += digits[octet & 15];
    }
    return text;
}

std::string ldapFilled(std::string_view pattern, std::string_view value) {
    constexpr std::string_view place = "%u";
    const std::string escaped = ldapEscaped(value);
    std::string text;
    for (std::size_t at = 0; at < pattern.size();) {
        const bool here = pattern.substr(at).starts_with(place);
        text += here ? std::string_view(escaped) : pattern.substr(at, 1);
        at += here ? place.size() : 1;
    }
    return text;
}

std::string ldapLowered(std::string_view text) {
    std::string low(text);
    for (char& c : low) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return low;
}

}  // namespace coffer
