#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/rpc/store/run_token.h"
#include "tests/fuzz/fixed_keys.h"
#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

namespace {

constexpr std::size_t macSize = 32;

/// What a server that signs anything would have made of `body`.
Bytes signedToken(ByteView body) {
    const SecretKey key = fixedKey(6);
    Bytes text = toBytes(bytesOf("coffer run token 2"));
    append(text, body);
    Bytes token = toBytes(body);
    token.resize(body.size() + macSize);
    unsigned length = 0;
    HMAC(EVP_sha256(), key.view().data(), static_cast<int>(key.view().size()), text.data(),
         text.size(), token.data() + body.size(), &length);
    return token;
}

bool isRefused(const rpc::RunTokens& tokens, ByteView token) {
    try {
        tokens.check(token);
        return false;
    } catch (const Error& error) {
        return error.code() == ErrorCode::permissionDenied;
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ManualClock clock(0);
    const rpc::RunTokens tokens(fixedKey(6), clock);
    require(isRefused(tokens, {data, size}), "nobody makes a token without the key");
    mayRefuse([&] {
        const Bytes token = signedToken({data, size});
        const rpc::RunGrant grant = tokens.check(token);
        const Bytes again = tokens.issue(grant);
        require(tokens.issue(tokens.check(again)) == again, "a grant comes back");
    });
    return 0;
}
