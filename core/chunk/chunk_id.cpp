#include "core/chunk/chunk_id.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "core/base/error.h"

namespace coffer {

namespace {

EVP_MAC_CTX* contextOf(void* pointer) {
    return static_cast<EVP_MAC_CTX*>(pointer);
}

void check(int result) {
    if (result != 1) throw Error(ErrorCode::internal, "HMAC-SHA-256 failed");
}

}  // namespace

void ChunkHasher::Deleter::operator()(void* context) const {
    EVP_MAC_CTX_free(contextOf(context));
}

ChunkHasher::ChunkHasher(const DomainKey& key) {
    EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    context_.reset(mac ? EVP_MAC_CTX_new(mac) : nullptr);
    EVP_MAC_free(mac);
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    check(context_ ? EVP_MAC_init(contextOf(context_.get()), key.data(), key.size(), parameters)
                   : 0);
    if (haveSha256Instructions()) paired_.emplace(key);
}

ChunkId ChunkHasher::id(ChunkKind kind, ByteView content) {
    EVP_MAC_CTX* context = contextOf(context_.get());
    // Without a key this starts over with the key state computed before.
    check(EVP_MAC_init(context, nullptr, 0, nullptr));
    const auto kindOctet = static_cast<std::uint8_t>(kind);
    check(EVP_MAC_update(context, &kindOctet, 1));
    check(EVP_MAC_update(context, content.data(), content.size()));
    ChunkId id;
    std::size_t size = 0;
    check(EVP_MAC_final(context, id.bytes.data(), &size, id.bytes.size()));
    return id;
}

std::vector<ChunkId> ChunkHasher::ids(ChunkKind kind, std::span<const ByteView> contents) {
    std::vector<ChunkId> ids;
    ids.reserve(contents.size());
    if (!paired_ || contents.size() < 2) {
        for (const ByteView content : contents) ids.push_back(id(kind, content));
        return ids;
    }
    std::vector<Digest> digests(contents.size());
    paired_->digests(static_cast<std::uint8_t>(kind), contents, digests);
    for (const Digest& digest : digests) ids.push_back({digest.bytes});
    return ids;
}

}  // namespace coffer
