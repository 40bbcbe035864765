#include "core/base/digest.h"

#include <gtest/gtest.h>

#include <unordered_set>

#include "core/base/random.h"

namespace coffer {
namespace {

// The examples of FIPS 180-4's companion document.
TEST(Sha256, KnownVectors) {
    EXPECT_EQ(sha256({}).hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256(bytesOf("abc")).hex(),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256(bytesOf("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).hex(),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(sha256(Bytes(1'000'000, 'a')).hex(),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesMakeTheWhole) {
    const Bytes data(1000, 'x');
    for (const std::size_t cut : {0U, 1U, 63U, 64U, 65U, 1000U}) {
        Sha256 hash;
        hash.update(ByteView(data).first(cut));
        hash.update(ByteView(data).subspan(cut));
        EXPECT_EQ(hash.finish(), sha256(data)) << cut;
    }
}

TEST(Id, IsAnOrderedValue) {
    const Digest zero;
    EXPECT_TRUE(zero.isZero());
    const Digest one = Digest::from(sha256({}).view());
    EXPECT_EQ(one, sha256({}));
    EXPECT_FALSE(one.isZero());
    EXPECT_LT(zero, one);
    EXPECT_EQ(one.hex().size(), 64U);
    std::unordered_set<Digest, IdHash> set{zero, one, one};
    EXPECT_EQ(set.size(), 2U);
}

TEST(Random, IdsDiffer) {
    EXPECT_NE(randomId<Digest>(), randomId<Digest>());
    fillRandom({});
}

}  // namespace
}  // namespace coffer
