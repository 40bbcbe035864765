#include "core/codec/aead.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

SecretKey keyFilledWith(std::uint8_t octet) {
    return SecretKey::from(Bytes(32, octet));
}

Bytes sealed(const SecretKey& key, ByteView associated, ByteView plaintext) {
    Bytes out;
    seal(key, associated, plaintext, out);
    return out;
}

// Calls `use` with every version of `data` that differs in one bit.
template <class Use>
void forEachFlippedBit(const Bytes& data, Use&& use) {
    for (std::size_t bit = 0; bit < data.size() * 8; ++bit) {
        SCOPED_TRACE(bit);
        Bytes changed = data;
        changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ 1U << bit % 8);
        use(changed);
    }
}

// Test cases 13 and 14 of McGrew and Viega, "The Galois/Counter Mode of Operation".
TEST(Seal, AgreesWithKnownVectors) {
    const SecretKey zero = keyFilledWith(0);
    EXPECT_EQ(toHex(sealed(zero, {}, {})), "530f8afbc74536b9a963b4f1c4cb738b");
    EXPECT_EQ(toHex(sealed(zero, {}, Bytes(16))),
              "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

TEST(Seal, OpensWhatWasSealed) {
    const SecretKey key = keyFilledWith(7);
    for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 1000U, 1U << 20}) {
        const Bytes plaintext(size, 0x5a);
        const Bytes data = sealed(key, bytesOf("context"), plaintext);
        EXPECT_EQ(data.size(), size + sealOverhead);
        EXPECT_EQ(openSealed(key, bytesOf("context"), data), plaintext);
    }
}

TEST(Seal, AppendsToWhatIsThere) {
    const SecretKey key = keyFilledWith(7);
    Bytes out = toBytes(bytesOf("header"));
    seal(key, {}, bytesOf("message"), out);
    EXPECT_EQ(textOf(ByteView(out).first(6)), "header");
    EXPECT_EQ(textOf(openSealed(key, {}, ByteView(out).subspan(6))), "message");
}

TEST(Seal, RefusesEveryFlippedBit) {
    const SecretKey key = keyFilledWith(7);
    const Bytes associated = toBytes(bytesOf("block 17"));
    const Bytes data = sealed(key, associated, bytesOf("what nobody may change"));
    forEachFlippedBit(data, [&](const Bytes& changed) {
        expectError(ErrorCode::corrupt, [&] { openSealed(key, associated, changed); });
    });
    forEachFlippedBit(associated, [&](const Bytes& changed) {
        expectError(ErrorCode::corrupt, [&] { openSealed(key, changed, data); });
    });
    forEachFlippedBit(toBytes(key.view()), [&](const Bytes& changed) {
        expectError(ErrorCode::corrupt,
                    [&] { openSealed(SecretKey::from(changed), associated, data); });
    });
}

TEST(Seal, RefusesWhatIsCutShortOrTooLong) {
    const SecretKey key = keyFilledWith(7);
    Bytes data = sealed(key, {}, bytesOf("message"));
    for (std::size_t size = 0; size < data.size(); ++size) {
        expectError(ErrorCode::corrupt, [&] { openSealed(key, {}, ByteView(data).first(size)); });
    }
    data.push_back(0);
    expectError(ErrorCode::corrupt, [&] { openSealed(key, {}, data); });
}

}  // namespace
}  // namespace coffer
