#pragma once

#include <string>
#include <string_view>

#include "core/base/clock.h"

namespace coffer {

/// What the bearer of a certificate may be. Stands in the subject's OU; extended key usage follows
/// from it: only a server and a store may serve, agents and clients may only dial out.
enum class Role { server, agent, client, store };
std::string_view nameOf(Role role);

/// Whether the bearer is one that serves.
constexpr bool serves(Role role) {
    return role == Role::server || role == Role::store;
}

/// The CN of every server's certificate; clients accept no other.
inline constexpr std::string_view serverCommonName = "coffer-server";

/// That of a store that runs beside its server; workers alone accept it.
inline constexpr std::string_view storeCommonName = "coffer-store";

/// Longest CN, in octets.
inline constexpr std::size_t longestCommonName = 64;

/// What a certificate says, as far as Coffer looks at it.
struct CertificateFacts {
    std::string name;  // subject CN
    Role role = Role::client;
    std::string fingerprint;  // SHA-256 of the DER form, lower-case hexadecimal
    std::string serial;       // hexadecimal
    Timestamp notBefore;
    Timestamp notAfter;
};

/// Reads the first certificate of a PEM text. Throws Error(corrupt), or (untrusted) when subject
/// and key usage do not fit together.
CertificateFacts factsOf(std::string_view pem);

/// SHA-256 of the first certificate of a PEM text, of whatever kind; lower-case hexadecimal.
std::string fingerprintOf(std::string_view pem);

/// A fresh P-256 key, PEM (PKCS #8). A secret.
std::string makePrivateKey();

/// A PKCS #10 request (PEM) for `name`, signed by the key. Throws Error(invalidArgument) for a name
/// that is empty, too long or not printable, (corrupt) for a key that does not parse.
std::string makeRequest(std::string_view privateKey, const std::string& name);

}  // namespace coffer
