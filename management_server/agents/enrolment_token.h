#pragma once

#include <string>
#include <string_view>

#include "core/base/digest.h"
#include "core/codec/secret.h"

namespace coffer {

/// A token with which one agent enrols once: "cft1-", the fingerprint of the network's authority,
/// "-", a secret of 32 random octets; both hexadecimal.
std::string tokenText(const std::string& fingerprint, const SecretKey& secret);

/// SHA-256 of the token's secret, which is all that the server keeps. Throws
/// Error(invalidArgument) for what is no token, (untrusted) for one of another authority.
Digest tokenHash(std::string_view token, const std::string& fingerprint);

}  // namespace coffer
