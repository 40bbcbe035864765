#include "core/rpc/store/run_token.h"

#include <openssl/crypto.h>

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/codec/hmac.h"
#include "core/rpc/convert.h"

namespace coffer::rpc {

namespace {

// Stands in front of what is authenticated, so that the secret signs nothing else by accident.
constexpr std::string_view purpose = "coffer run token 2";
constexpr std::size_t macSize = sizeof(Digest::bytes);
constexpr std::size_t longestToken = 4U << 20;

Digest macOf(const SecretKey& key, ByteView body) {
    WireWriter text;
    text.raw(bytesOf(purpose));
    text.raw(body);
    return hmacSha256(key.view(), text.bytes());
}

Bytes encode(const RunGrant& grant) {
    WireWriter writer;
    writer.u8(static_cast<std::uint8_t>(grant.kind));
    writer.zigzag(grant.run);
    writer.u32(grant.attempt);
    writer.sized(grant.repository);
    writer.sized(grant.agent);
    writer.raw(grant.agentId.view());
    writer.sized(grant.snapshot);
    writer.varint(grant.paths.size());
    for (const std::string& path : grant.paths) writer.sized(path);
    writer.varint(grant.tags.size());
    for (const std::string& tag : grant.tags) writer.sized(tag);
    writer.time(grant.expires);
    return writer.take();
}

RunGrant decode(ByteView body) {
    WireReader reader(body);
    RunGrant grant;
    grant.kind = static_cast<RunGrant::Kind>(reader.u8());
    if (grant.kind != RunGrant::Kind::backup && grant.kind != RunGrant::Kind::restore) {
        throw Error(ErrorCode::unsupported, "a run token of a kind that is not known");
    }
    grant.run = reader.zigzag();
    grant.attempt = reader.u32();
    grant.repository = reader.text(longestName);
    grant.agent = reader.text(longestName);
    grant.agentId = reader.id<AgentId>();
    grant.snapshot = reader.text(longestName);
    grant.paths.resize(reader.count(1, "paths"));
    for (std::string& path : grant.paths) path = reader.text(longestPath);
    grant.tags.resize(reader.count(1, "tags"));
    for (std::string& tag : grant.tags) tag = reader.text(longestName);
    grant.expires = reader.time();
    reader.expectEnd();
    return grant;
}

[[noreturn]] void refuse(const char* why) {
    throw Error(ErrorCode::permissionDenied, std::string("the run's token ") + why);
}

}  // namespace

SecretKey tokenKeyIn(std::string_view text) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    Bytes octets;
    try {
        octets = fromHex(text);
    } catch (const Error&) {
        octets.clear();  // what it says would be part of the secret
    }
    if (octets.size() != sizeof(SecretKey)) throw Error(ErrorCode::corrupt, "is no key");
    const SecretKey key = SecretKey::from(octets);
    wipe(octets);
    return key;
}

Bytes RunTokens::issue(const RunGrant& grant) const {
    Bytes token = encode(grant);
    const Digest mac = macOf(key_, token);
    append(token, mac.view());
    if (token.size() > longestToken) {
        throw Error(ErrorCode::limitExceeded, "too many or too long paths for one run");
    }
    return token;
}

// Nothing of a token is looked at before it is known to be ours.
RunGrant RunTokens::check(ByteView token) const {
    if (token.size() < macSize || token.size() > longestToken) refuse("has not its length");
    const ByteView body = token.first(token.size() - macSize);
    const Digest mac = macOf(key_, body);
    if (CRYPTO_memcmp(mac.bytes.data(), token.data() + body.size(), macSize) != 0) {
        refuse("was not made by this server");
    }
    RunGrant grant = decode(body);
    if (clock_.now() >= grant.expires) refuse("has expired");
    return grant;
}

}  // namespace coffer::rpc
