#include "core/codec/signature.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <memory>
#include <string>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

SigningKey keyOf(std::string_view seed) {
    return SigningKey::fromSeed(SecretKey::from(fromHex(seed)));
}

constexpr auto firstSeed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
constexpr auto secondSeed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";

// Plain Ed25519 by OpenSSL.
std::string referenceSignature(std::string_view seed, std::string_view message) {
    const Bytes octets = fromHex(seed);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets.data(), octets.size()),
        EVP_PKEY_free);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    Signature signature;
    std::size_t size = signature.bytes.size();
    const ByteView data = bytesOf(message);
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()), 1);
    EXPECT_EQ(
        EVP_DigestSign(context.get(), signature.bytes.data(), &size, data.data(), data.size()), 1);
    return signature.hex();
}

// RFC 8032, 7.1, tests 1 and 2.
TEST(SigningKey, PublicKeysAgreeWithRfc8032) {
    EXPECT_EQ(keyOf(firstSeed).verifyKey().hex(),
              "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    EXPECT_EQ(keyOf(secondSeed).verifyKey().hex(),
              "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    EXPECT_EQ(toHex(keyOf(firstSeed).seed().view()), firstSeed);
}

// Messages of the RFC have no purpose, so its vectors prove the reference, and that proves sign.
TEST(SigningKey, SignsPurposeAndMessageByRfc8032) {
    EXPECT_EQ(referenceSignature(secondSeed, "\x72"),
              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
              "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    const SigningKey key = keyOf(secondSeed);
    EXPECT_EQ(key.sign("purpose", bytesOf("message")).hex(),
              referenceSignature(secondSeed, std::string("purpose\0message", 15)));
    EXPECT_EQ(key.sign("", {}).hex(), referenceSignature(secondSeed, std::string(1, '\0')));
}

TEST(Signature, HoldsForWhatWasSigned) {
    const SigningKey key = SigningKey::random();
    for (const std::size_t size : {0U, 1U, 100'000U}) {
        const Bytes message(size, 0x5a);
        EXPECT_NO_THROW(
            verifySignature(key.verifyKey(), "test", message, key.sign("test", message)));
    }
}

TEST(Signature, IsWorthNothingForAnotherPurpose) {
    const SigningKey key = keyOf(firstSeed);
    const Signature signature = key.sign("pack", bytesOf("ed snapshot"));
    for (const std::string_view purpose : {"snapshot", "", "Pack", "pac", "packs"}) {
        expectError(
            ErrorCode::untrusted,
            [&] { verifySignature(key.verifyKey(), purpose, bytesOf("ed snapshot"), signature); },
            "signature of the " + std::string(purpose));
    }
    // Nor does it help to move octets between purpose and message.
    expectError(ErrorCode::untrusted, [&] {
        verifySignature(key.verifyKey(), "packed", bytesOf(" snapshot"), signature);
    });
}

TEST(Signature, CoversEveryBit) {
    const SigningKey key = keyOf(firstSeed);
    const Bytes message = toBytes(bytesOf("what nobody may change"));
    const Signature signature = key.sign("test", message);
    const auto refused = [&](const VerifyKey& verifyKey, ByteView text, const Signature& signed_) {
        expectError(ErrorCode::untrusted,
                    [&] { verifySignature(verifyKey, "test", text, signed_); });
    };
    const auto flip = [](auto& octets, std::size_t bit) {
        octets[bit / 8] = static_cast<std::uint8_t>(octets[bit / 8] ^ 1U << bit % 8);
    };
    for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
        Bytes changed = message;
        flip(changed, bit);
        refused(key.verifyKey(), changed, signature);
    }
    for (std::size_t bit = 0; bit < sizeof signature.bytes * 8; ++bit) {
        Signature changed = signature;
        flip(changed.bytes, bit);
        refused(key.verifyKey(), message, changed);
    }
    for (std::size_t bit = 0; bit < sizeof(VerifyKey::bytes) * 8; ++bit) {
        VerifyKey changed = key.verifyKey();
        flip(changed.bytes, bit);
        refused(changed, message, signature);
    }
    refused(keyOf(secondSeed).verifyKey(), message, signature);
    refused(VerifyKey{}, message, signature);
    refused(VerifyKey{}, message, Signature{});
}

}  // namespace
}  // namespace coffer
