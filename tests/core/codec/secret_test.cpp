#include "core/codec/secret.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstddef>
#include <new>

namespace coffer {
namespace {

Bytes hmac(ByteView key, ByteView message) {
    Bytes code(32);
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(), message.size(),
         code.data(), &size);
    return code;
}

// RFC 5869 for 32 octets of output, which one step of its expansion gives.
Bytes referenceHkdf(ByteView key, ByteView salt, ByteView info) {
    Bytes message = toBytes(info);
    message.push_back(1);
    return hmac(hmac(salt, key), message);
}

Bytes countingFrom(std::uint8_t first, std::size_t count) {
    Bytes octets(count);
    for (std::size_t i = 0; i < count; ++i) octets[i] = static_cast<std::uint8_t>(first + i);
    return octets;
}

// RFC 5869 has no key of 32 octets, so its vectors prove the reference, and that proves deriveKey.
TEST(DeriveKey, AgreesWithRfc5869) {
    EXPECT_EQ(toHex(referenceHkdf(Bytes(22, 0x0b), countingFrom(0, 13), countingFrom(0xf0, 10))),
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
    EXPECT_EQ(
        toHex(referenceHkdf(countingFrom(0, 80), countingFrom(0x60, 80), countingFrom(0xb0, 80))),
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c");
    const Bytes parent = countingFrom(0, 32);
    for (const std::size_t length : {1U, 16U, 100U}) {
        const Bytes salt = countingFrom(0x60, length);
        const Bytes info = countingFrom(0xb0, length);
        EXPECT_EQ(toHex(deriveKey(SecretKey::from(parent), salt, info).view()),
                  toHex(referenceHkdf(parent, salt, info)));
    }
}

TEST(DeriveKey, EveryInputMatters) {
    const SecretKey parent = SecretKey::from(Bytes(32, 1));
    const SecretKey key = deriveKey(parent, bytesOf("salt"), bytesOf("info"));
    EXPECT_EQ(deriveKey(parent, bytesOf("salt"), bytesOf("info")), key);
    EXPECT_NE(deriveKey(parent, bytesOf("salz"), bytesOf("info")), key);
    EXPECT_NE(deriveKey(parent, bytesOf("salt"), bytesOf("inf0")), key);
    EXPECT_NE(deriveKey(parent, bytesOf("saltinfo"), {}), key);
    EXPECT_NE(deriveKey(SecretKey::from(Bytes(32, 2)), bytesOf("salt"), bytesOf("info")), key);
    // An empty salt stands for one of zeros.
    EXPECT_EQ(deriveKey(parent, {}, {}), deriveKey(parent, Bytes(32), {}));
}

TEST(Secret, RandomOnesDiffer) {
    EXPECT_NE(SecretKey::random(), SecretKey::random());
    EXPECT_NE(Secret<64>::random(), Secret<64>::random());
}

TEST(Secret, WipeClearsMemory) {
    Bytes memory(100, 0xaa);
    wipe(memory);
    EXPECT_EQ(memory, Bytes(100));
    wipe({});
}

TEST(Secret, WipesItselfWhenItGoes) {
    alignas(SecretKey) std::byte storage[sizeof(SecretKey)];
    auto* secret = new (storage) SecretKey(SecretKey::from(Bytes(32, 0xaa)));
    const volatile std::byte* left = storage;  // the compiler must look at what is really there
    ASSERT_TRUE(left[0] == std::byte{0xaa});
    secret->~SecretKey();
    EXPECT_TRUE(std::all_of(left, left + sizeof storage,
                            [](std::byte octet) { return octet == std::byte{0}; }));
}

}  // namespace
}  // namespace coffer
