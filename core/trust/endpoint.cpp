#include <charconv>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/trust/pinned_authority.h"

namespace coffer {

namespace {

constexpr std::size_t longestHost = 255;

[[noreturn]] void refuse(const std::string& text) {
    throw Error(ErrorCode::invalidArgument,
                "not an address of the form host:port: \"" + printable(text.substr(0, 300)) + "\"");
}

std::uint16_t portOf(const std::string& text, const std::string& digits) {
    std::uint16_t port = 0;
    const char* end = digits.data() + digits.size();
    const auto [at, result] = std::from_chars(digits.data(), end, port);
    if (result != std::errc{} || at != end) refuse(text);
    return port;
}

/// Letters, digits and what else names and addresses are made of: nothing that has a meaning in a
/// URL.
bool isHost(const std::string& host) {
    if (host.empty() || host.size() > longestHost) return false;
    return host.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:") ==
           std::string::npos;
}

}  // namespace

Endpoint Endpoint::parse(const std::string& text, std::uint16_t defaultPort) {
    Endpoint endpoint{text, defaultPort};
    std::string rest;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string::npos) refuse(text);
        endpoint.host = text.substr(1, close - 1);
        rest = text.substr(close + 1);
    } else if (const auto colon = text.find(':'); colon == text.rfind(':')) {
        if (colon != std::string::npos) {
            endpoint.host = text.substr(0, colon);
            rest = text.substr(colon);
        }
    }  // with several colons it is an IPv6 address without a port
    if (!isHost(endpoint.host)) refuse(text);
    if (!rest.empty()) {
        if (rest.front() != ':') refuse(text);
        endpoint.port = portOf(text, rest.substr(1));
    }
    return endpoint;
}

std::string Endpoint::text() const {
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace coffer
