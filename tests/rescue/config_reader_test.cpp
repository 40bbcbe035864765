#include "rescue/config_reader.h"

#include <gtest/gtest.h>

#include "core/base/wire.h"
#include "rescue/key_reader.h"
#include "tests/support/expect_error.h"

namespace coffer::rescue {
namespace {

// Config and key object made octet by octet as docs/formats has them.
class RootedObjects : public testing::Test {
  protected:
    RootedObjects() {
        kit.repository.bytes.fill(1);
        kit.rootBox = BoxKeyPair::random();
        kit.rootVerify = root.verifyKey();
    }

    Bytes configObject() const {
        WireWriter out;
        out.raw(bytesOf("CofferRp"));
        out.u16(1);
        out.u64(incompatible);
        out.u64(~std::uint64_t{0});
        out.u64(~std::uint64_t{0});
        out.raw(kit.repository.view());
        out.time({1'000'000'000, 0});
        for (const std::uint32_t size : {minimum, 1U << 20, 1U << 22}) out.u32(size);
        out.raw(kit.rootBox.publicKey.view());
        out.raw(root.verifyKey().view());
        out.raw(content.publicKey.view());
        out.raw(metadata.publicKey.view());
        out.raw(server.verifyKey().view());
        return signedBy("coffer repository config", out);
    }

    Bytes keyObject(std::uint32_t innerEpoch = 0) const {
        WireWriter inner;
        inner.u32(innerEpoch);
        inner.raw(content.secretKey.view());
        inner.raw(metadata.secretKey.view());
        inner.raw(server.seed().view());
        inner.varint(1);
        inner.raw(Bytes(16, 5));
        inner.raw(Bytes(32, 6));
        inner.raw(Bytes(32, 7));
        WireWriter out;
        out.raw(bytesOf("CofferKy"));
        out.u16(1);
        out.raw(kit.repository.view());
        out.u32(0);
        out.varint(1);
        out.raw(kit.rootBox.publicKey.view());
        out.sized(sealToBox(kit.rootBox.publicKey, inner.bytes()));
        return signedBy("coffer key object", out);
    }

    Bytes signedBy(const char* purpose, WireWriter& out) const {
        out.raw(root.sign(purpose, out.bytes()).view());
        return out.take();
    }

    Kit kit;
    SigningKey root = SigningKey::random();
    SigningKey server = SigningKey::random();
    BoxKeyPair content = BoxKeyPair::random();
    BoxKeyPair metadata = BoxKeyPair::random();
    std::uint64_t incompatible = 0;
    std::uint32_t minimum = 1U << 18;
};

TEST_F(RootedObjects, AreRead) {
    const Bytes object = configObject();
    const Config config = readConfig(object, kit);
    EXPECT_EQ(config.repository, kit.repository);
    EXPECT_EQ(config.serverVerify, server.verifyKey());
    EXPECT_EQ(config.digest, sha256(object));
    const Keys keys = readKeys(keyObject(), config, kit);
    EXPECT_EQ(keys.content.publicKey, content.publicKey);
    ASSERT_EQ(keys.domains.size(), 1U);
    EXPECT_EQ(keys.domains[0].id.bytes[0], 5);
    EXPECT_EQ(keys.domains[0].idKey.bytes()[0], 6);
}

TEST_F(RootedObjects, OfAnotherKitAreRefused) {
    Kit other = kit;
    other.rootBox = BoxKeyPair::random();
    expectError(ErrorCode::wrongKey, [&] { readConfig(configObject(), other); });
    other = kit;
    other.rootVerify = server.verifyKey();
    expectError(ErrorCode::wrongKey, [&] { readConfig(configObject(), other); });
    other = kit;
    other.repository = {};
    expectError(ErrorCode::wrongKey, [&] { readConfig(configObject(), other); });
}

TEST_F(RootedObjects, OfNewerVersionsAreRefused) {
    incompatible = 1;
    expectError(ErrorCode::unsupported, [&] { readConfig(configObject(), kit); });
    incompatible = 0;
    minimum = 1U << 21;
    expectError(ErrorCode::corrupt, [&] { readConfig(configObject(), kit); });
}

TEST_F(RootedObjects, NoFlippedOctetGetsThrough) {
    const Bytes object = configObject();
    const Config config = readConfig(object, kit);
    for (std::size_t at = 0; at < object.size(); ++at) {
        Bytes octets = object;
        octets[at] ^= 1;
        EXPECT_TRUE(errorOf([&] { readConfig(octets, kit); })) << at;
        EXPECT_TRUE(errorOf([&] { readConfig(ByteView(object).first(at), kit); })) << at;
    }
    const Bytes keys = keyObject();
    for (std::size_t at = 0; at < keys.size(); ++at) {
        Bytes octets = keys;
        octets[at] ^= 1;
        EXPECT_TRUE(errorOf([&] { readKeys(octets, config, kit); })) << at;
        EXPECT_TRUE(errorOf([&] { readKeys(ByteView(keys).first(at), config, kit); })) << at;
    }
}

TEST_F(RootedObjects, KeysOfAnotherConfigAreRefused) {
    const Config config = readConfig(configObject(), kit);
    expectError(ErrorCode::corrupt, [&] { readKeys(keyObject(1), config, kit); });
    content = BoxKeyPair::random();
    expectError(ErrorCode::untrusted, [&] { readKeys(keyObject(), config, kit); });
}

}  // namespace
}  // namespace coffer::rescue
