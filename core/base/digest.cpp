#include "core/base/digest.h"

#include <openssl/evp.h>

#include "core/base/error.h"

namespace coffer {

namespace {
EVP_MD_CTX* contextOf(void* pointer) {
    return static_cast<EVP_MD_CTX*>(pointer);
}
void check(int result) {
    if (result != 1) throw Error(ErrorCode::internal, "SHA-256 failed");
}
}  // namespace

void Sha256::Deleter::operator()(void* context) const {
    EVP_MD_CTX_free(contextOf(context));
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    check(context_ ? EVP_DigestInit_ex(contextOf(context_.get()), EVP_sha256(), nullptr) : 0);
}

void Sha256::update(ByteView data) {
    check(EVP_DigestUpdate(contextOf(context_.get()), data.data(), data.size()));
}

Digest Sha256::finish() {
    Digest digest;
    check(EVP_DigestFinal_ex(contextOf(context_.get()), digest.bytes.data(), nullptr));
    return digest;
}

Digest sha256(ByteView data) {
    Sha256 hash;
    hash.update(data);
    return hash.finish();
}

}  // namespace coffer
