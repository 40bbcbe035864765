#include "core/repository/repository_config.h"

#include <gtest/gtest.h>

#include "core/repository/config_format.h"
#include "tests/support/expect_error.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

RepositoryConfig sampleConfig(const RootKey& root) {
    RepositoryConfig config;
    config.repositoryId = RepositoryId::from(noise(16, 1));
    config.created = {1'800'000'000, 5};
    config.flags.compatible = 0x8001;
    config.chunker = {1 << 16, 1 << 18, 1 << 20};
    config.rootBox = root.box.publicKey;
    config.rootSign = root.sign.verifyKey();
    config.content = BoxPublicKey::from(noise(32, 2));
    config.metadata = BoxPublicKey::from(noise(32, 3));
    config.server = VerifyKey::from(noise(32, 4));
    return config;
}

TEST(RepositoryConfig, SurvivesItsOctets) {
    const RootKey root = RootKey::random();
    const RepositoryConfig config = sampleConfig(root);
    EXPECT_EQ(RepositoryConfig::decode(config.encode(root)), config);
}

TEST(RepositoryConfig, RefusesEveryFlippedBit) {
    const RootKey root = RootKey::random();
    const Bytes octets = sampleConfig(root).encode(root);
    for (std::size_t at = 0; at < octets.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            Bytes changed = octets;
            changed[at] = static_cast<std::uint8_t>(changed[at] ^ 1U << bit);
            const auto error = errorOf([&] { RepositoryConfig::decode(changed); });
            ASSERT_TRUE(error) << "octet " << at << " bit " << bit;
            EXPECT_TRUE(error->code() == ErrorCode::corrupt ||
                        error->code() == ErrorCode::untrusted ||
                        error->code() == ErrorCode::unsupported)
                << error->what();
            EXPECT_NE(std::string(error->what()).find("repository config"), std::string::npos);
        }
    }
}

TEST(RepositoryConfig, RefusesEveryTruncationAndAnythingBehind) {
    const RootKey root = RootKey::random();
    Bytes octets = sampleConfig(root).encode(root);
    for (std::size_t size = 0; size < octets.size(); ++size) {
        expectError(ErrorCode::corrupt,
                    [&] { RepositoryConfig::decode(ByteView(octets).first(size)); });
    }
    octets.push_back(0);
    expectError(ErrorCode::corrupt, [&] { RepositoryConfig::decode(octets); });
}

TEST(RepositoryConfig, OfAnotherFormatSaysSo) {
    const RootKey root = RootKey::random();
    Bytes octets = sampleConfig(root).encode(root);
    for (const auto& [version, why] : {std::pair{0, "never released"}, {2, "newer version"}}) {
        octets[config_format::configMagic.size()] = static_cast<std::uint8_t>(version);
        expectError(
            ErrorCode::unsupported, [&] { RepositoryConfig::decode(octets); }, why);
    }
}

TEST(RepositoryConfig, SignedByAnotherKeyIsRefused) {
    const RootKey root = RootKey::random();
    expectError(ErrorCode::untrusted,
                [&] { RepositoryConfig::decode(sampleConfig(root).encode(RootKey::random())); });
}

TEST(RepositoryConfig, WithImpossibleChunkerIsRefused) {
    const RootKey root = RootKey::random();
    RepositoryConfig config = sampleConfig(root);
    config.chunker.minimumSize = config.chunker.maximumSize;
    expectError(ErrorCode::corrupt, [&] { RepositoryConfig::decode(config.encode(root)); });
}

void reflag(TestRepository& setting, const FeatureFlags& flags) {
    RepositoryConfig config = setting->config();
    config.flags = flags;
    setting.close();
    setting.store.put(config_format::configName,
                      config.encode(RootKey::fromSeed(setting.kit.rootSeed)));
}

TEST(FeatureFlags, UnknownIncompatibleOnesKeepOut) {
    TestRepository setting;
    reflag(setting, {0, 0, 1ULL << 40});
    for (const auto access : {Repository::Access::read, Repository::Access::write}) {
        expectError(
            ErrorCode::unsupported, [&] { setting.open(access); }, "does not know");
    }
}

TEST(FeatureFlags, UnknownReadOnlyCompatibleOnesForbidWriting) {
    TestRepository setting;
    reflag(setting, {0, 2, 0});
    expectError(
        ErrorCode::unsupported, [&] { setting.open(); }, "only read");
    setting.open(Repository::Access::read);
}

TEST(FeatureFlags, UnknownCompatibleOnesAreNoObstacle) {
    TestRepository setting;
    reflag(setting, {1ULL << 63, 0, 0});
    setting.open();
}

}  // namespace
}  // namespace coffer
