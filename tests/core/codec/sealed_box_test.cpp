#include "core/codec/sealed_box.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

BoxKeyPair pairOf(std::uint8_t octet) {
    return BoxKeyPair::fromSeed(SecretKey::from(Bytes(32, octet)));
}

// Bob's keys of RFC 7748, 6.1.
TEST(SealedBox, KeysAreThoseOfX25519) {
    const Bytes secret =
        fromHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    EXPECT_EQ(BoxKeyPair::fromSecretKey(SecretKey::from(secret)).publicKey.hex(),
              "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
}

TEST(SealedBox, ASecretKeyGivesItsPairBack) {
    const BoxKeyPair pair = pairOf(1);
    EXPECT_EQ(BoxKeyPair::fromSecretKey(pair.secretKey).publicKey, pair.publicKey);
    EXPECT_EQ(pairOf(1).publicKey, pair.publicKey);
    EXPECT_NE(pairOf(2).publicKey, pair.publicKey);
    EXPECT_NE(BoxKeyPair::random().publicKey, BoxKeyPair::random().publicKey);
}

TEST(SealedBox, OpensWhatWasSealed) {
    const BoxKeyPair pair = pairOf(1);
    for (const std::size_t size : {0U, 1U, 100U, 100'000U}) {
        const Bytes plaintext(size, 0x5a);
        const Bytes sealed = sealToBox(pair.publicKey, plaintext);
        EXPECT_EQ(sealed.size(), size + boxOverhead);
        EXPECT_EQ(openBox(pair, sealed), plaintext);
    }
}

TEST(SealedBox, TwoBoxesWithTheSameContentDiffer) {
    const BoxKeyPair pair = pairOf(1);
    EXPECT_NE(sealToBox(pair.publicKey, bytesOf("same")),
              sealToBox(pair.publicKey, bytesOf("same")));
}

TEST(SealedBox, OpensWithItsOwnKeyOnly) {
    const Bytes sealed = sealToBox(pairOf(1).publicKey, bytesOf("secret"));
    expectError(ErrorCode::wrongKey, [&] { openBox(pairOf(2), sealed); });
    BoxKeyPair mixed = pairOf(1);
    mixed.secretKey = pairOf(2).secretKey;
    expectError(ErrorCode::wrongKey, [&] { openBox(mixed, sealed); });
}

TEST(SealedBox, RefusesEveryFlippedBit) {
    const BoxKeyPair pair = pairOf(1);
    const Bytes sealed = sealToBox(pair.publicKey, bytesOf("secret"));
    // The high bit of an X25519 key (the box begins with one) is ignored by the key agreement, but
    // it enters the nonce, so it is no way to make a second form of a box either.
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        SCOPED_TRACE(bit);
        Bytes changed = sealed;
        changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ 1U << bit % 8);
        expectError(ErrorCode::wrongKey, [&] { openBox(pair, changed); });
    }
}

TEST(SealedBox, RefusesWhatIsCutShort) {
    const BoxKeyPair pair = pairOf(1);
    const Bytes sealed = sealToBox(pair.publicKey, bytesOf("secret"));
    for (std::size_t size = 0; size < sealed.size(); ++size) {
        const ErrorCode code = size < boxOverhead ? ErrorCode::corrupt : ErrorCode::wrongKey;
        expectError(code, [&] { openBox(pair, ByteView(sealed).first(size)); });
    }
}

}  // namespace
}  // namespace coffer
