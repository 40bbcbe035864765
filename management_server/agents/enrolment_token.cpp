#include "management_server/agents/enrolment_token.h"

#include "core/base/error.h"

namespace coffer {

namespace {

constexpr std::string_view mark = "cft1-";
constexpr std::size_t digits = 64;  // of fingerprint and secret
constexpr std::size_t length = mark.size() + digits + 1 + digits;

}  // namespace

std::string tokenText(const std::string& fingerprint, const SecretKey& secret) {
    return std::string(mark) + fingerprint + "-" + toHex(secret.view());
}

Digest tokenHash(std::string_view token, const std::string& fingerprint) {
    const std::size_t dash = mark.size() + digits;
    if (token.size() != length || !token.starts_with(mark) || token[dash] != '-') {
        throw Error(ErrorCode::invalidArgument, "this is no token for an enrolment");
    }
    const Bytes authority = fromHex(token.substr(mark.size(), digits));
    const Bytes secret = fromHex(token.substr(dash + 1));
    if (toHex(authority) != fingerprint) {
        throw Error(ErrorCode::untrusted, "the token is for a network with another authority");
    }
    return sha256(secret);
}

}  // namespace coffer
