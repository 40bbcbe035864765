#pragma once

#include <cstdint>
#include <string>

namespace coffer {

/// Where a server listens.
struct Endpoint {
    std::string host;  // name or address, IPv6 without brackets
    std::uint16_t port = 0;

    /// "host:port", "[v6]:port". Throws Error(invalidArgument).
    static Endpoint parse(const std::string& text, std::uint16_t defaultPort = 2424);
    std::string text() const;
};

/// The certificate (PEM) of the authority of the server at `where`, fetched over TLS, for whoever
/// knows nothing but its fingerprint (64 hexadecimal digits, any case). Waits 10 s at most once
/// the name has been looked up. Throws Error(untrusted) when the server shows another authority or
/// was not signed by it, (unavailable) when it cannot be reached.
std::string fetchAuthority(const Endpoint& where, const std::string& fingerprint);

}  // namespace coffer
