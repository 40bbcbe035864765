#include "core/chunk/chunk_id.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <string>

namespace coffer {
namespace {

// HMAC fills a shorter key up with zeros, so keys of the RFC's test cases can be given in full.
DomainKey keyOf(ByteView octets) {
    DomainKey key{};
    std::ranges::copy(octets, key.begin());
    return key;
}

// The id of a whole message: its first octet goes in as the kind.
std::string idOfMessage(const DomainKey& key, std::string_view message) {
    const auto kind = static_cast<ChunkKind>(message.front());
    return ChunkHasher(key).id(kind, bytesOf(message.substr(1))).hex();
}

// The same by OpenSSL's one-shot function.
std::string referenceId(const DomainKey& key, ChunkKind kind, ByteView content) {
    Bytes message{static_cast<std::uint8_t>(kind)};
    append(message, content);
    ChunkId id;
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(), message.size(),
         id.bytes.data(), &size);
    return id.hex();
}

TEST(ChunkHasher, AgreesWithRfc4231) {
    EXPECT_EQ(idOfMessage(keyOf(Bytes(20, 0x0b)), "Hi There"),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(idOfMessage(keyOf(bytesOf("Jefe")), "what do ya want for nothing?"),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(idOfMessage(keyOf(Bytes(20, 0xaa)), std::string(50, '\xdd')),
              "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
}

TEST(ChunkHasher, AgreesWithOneShotHmacForEveryKindAndManyLengths) {
    const DomainKey key = keyOf(bytesOf("thirty-two octets of a secret..."));
    ChunkHasher hasher(key);
    for (const std::size_t length : {0U, 1U, 54U, 55U, 56U, 63U, 64U, 65U, 1000U, 100'000U}) {
        const Bytes content(length, 0x5a);
        for (const ChunkKind kind : {ChunkKind::data, ChunkKind::tree, ChunkKind::list}) {
            EXPECT_EQ(hasher.id(kind, content).hex(), referenceId(key, kind, content)) << length;
        }
    }
}

// Every length around the ends of blocks, so that the two that are hashed side by side end at
// different moments, and one of them last.
TEST(ChunkHasher, GivesTheSameIdsForManyAtATime) {
    const DomainKey key = keyOf(bytesOf("thirty-two octets of a secret..."));
    ChunkHasher hasher(key);
    Bytes octets(100'000);
    for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(i * 7);
    std::vector<ByteView> contents;
    for (std::size_t length = 0; length < 300; ++length) {
        contents.push_back(ByteView(octets).subspan(length, length));
    }
    contents.push_back(octets);
    contents.push_back(ByteView(octets).last(50'000));
    contents.push_back({});
    for (const std::size_t count :
         {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{3}, contents.size()}) {
        const std::span<const ByteView> some = std::span(contents).last(count);
        const std::vector<ChunkId> ids = hasher.ids(ChunkKind::list, some);
        ASSERT_EQ(ids.size(), count);
        for (std::size_t i = 0; i < count; ++i) {
            EXPECT_EQ(ids[i].hex(), referenceId(key, ChunkKind::list, some[i])) << some[i].size();
        }
    }
}

TEST(ChunkHasher, KeepsKindsApart) {
    ChunkHasher hasher(DomainKey{});
    const ByteView content = bytesOf("the same content");
    const ChunkId data = hasher.id(ChunkKind::data, content);
    const ChunkId tree = hasher.id(ChunkKind::tree, content);
    const ChunkId list = hasher.id(ChunkKind::list, content);
    EXPECT_NE(data, tree);
    EXPECT_NE(data, list);
    EXPECT_NE(tree, list);
}

TEST(ChunkHasher, KeepsDomainsApart) {
    DomainKey other{};
    other.back() = 1;
    EXPECT_NE(ChunkHasher(DomainKey{}).id(ChunkKind::data, {}),
              ChunkHasher(other).id(ChunkKind::data, {}));
}

TEST(ChunkHasher, RemembersNothingOfEarlierChunks) {
    const DomainKey key = keyOf(Bytes(32, 7));
    ChunkHasher reused(key);
    const ByteView content = bytesOf("content");
    const ChunkId first = reused.id(ChunkKind::data, content);
    reused.id(ChunkKind::list, bytesOf("something else"));
    reused.id(ChunkKind::data, {});
    EXPECT_EQ(reused.id(ChunkKind::data, content), first);
    EXPECT_EQ(ChunkHasher(key).id(ChunkKind::data, content), first);
}

}  // namespace
}  // namespace coffer
