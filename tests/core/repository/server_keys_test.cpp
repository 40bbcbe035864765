#include "core/repository/server_keys.h"

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/repository/config_format.h"
#include "core/repository/owner.h"
#include "core/repository/server_state.h"
#include "tests/support/expect_error.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

void expectSame(const ServerKeys& keys, const ServerKeys& expected) {
    EXPECT_EQ(keys.encode(), expected.encode());
    EXPECT_EQ(keys.content.publicKey, expected.content.publicKey);
    EXPECT_EQ(keys.metadata.publicKey, expected.metadata.publicKey);
    EXPECT_EQ(keys.sign.verifyKey(), expected.sign.verifyKey());
    ASSERT_EQ(keys.domains.size(), expected.domains.size());
    EXPECT_EQ(keys.domains[0].id, expected.domains[0].id);
    EXPECT_EQ(keys.domains[0].key, expected.domains[0].key);
    EXPECT_EQ(keys.domains[0].seed, expected.domains[0].seed);
}

struct KeyObject : testing::Test {
    RootKey root = RootKey::random();
    RepositoryId repository = randomId<RepositoryId>();
    ServerKeys keys = ServerKeys::random();
    Bytes octets = sealKeyObject(keys, repository, root);
};

TEST_F(KeyObject, OpensWithItsKit) {
    expectSame(openKeyObject(octets, repository, root), keys);
    expectSame(ServerKeys::decode(keys.encode()), keys);
}

TEST_F(KeyObject, OfAnotherEpochAndWithSeveralDomains) {
    keys.epoch = 3;
    keys.domains.push_back(DedupDomain::random());
    const ServerKeys opened =
        openKeyObject(sealKeyObject(keys, repository, root), repository, root);
    expectSame(opened, keys);
    EXPECT_EQ(opened.domain(keys.domains[1].id).key, keys.domains[1].key);
    expectError(ErrorCode::notFound, [&] { opened.domain(randomId<DomainId>()); });
}

TEST_F(KeyObject, RefusesAnotherKit) {
    const auto error = errorOf([&] { openKeyObject(octets, repository, RootKey::random()); });
    ASSERT_TRUE(error);
    EXPECT_TRUE(error->code() == ErrorCode::untrusted || error->code() == ErrorCode::wrongKey);
}

TEST_F(KeyObject, RefusesAnotherRepository) {
    expectError(ErrorCode::untrusted,
                [&] { openKeyObject(octets, randomId<RepositoryId>(), root); });
}

TEST_F(KeyObject, RefusesEveryFlippedBit) {
    for (std::size_t at = 0; at < octets.size(); ++at) {
        for (const unsigned bit : {0U, 3U, 7U}) {
            Bytes changed = octets;
            changed[at] = static_cast<std::uint8_t>(changed[at] ^ 1U << bit);
            EXPECT_TRUE(errorOf([&] { openKeyObject(changed, repository, root); }))
                << "octet " << at << " bit " << bit;
        }
    }
}

TEST_F(KeyObject, RefusesEveryTruncation) {
    for (std::size_t size = 0; size < octets.size(); ++size) {
        EXPECT_TRUE(
            errorOf([&] { openKeyObject(ByteView(octets).first(size), repository, root); }));
    }
}

TEST_F(KeyObject, ShowsNoKey) {
    for (const SecretKey& secret :
         {keys.content.secretKey, keys.metadata.secretKey, keys.sign.seed(), root.seed}) {
        EXPECT_EQ(textOf(octets).find(textOf(secret.view())), std::string_view::npos);
    }
}

TEST(ServerState, SurvivesItsFile) {
    MemoryStore store;
    expectError(ErrorCode::notFound, [&] { ServerState::load(store); });
    ServerState state{randomId<RepositoryId>(), randomId<OwnerId>(), ServerKeys::random(),
                      SecretKey::random()};
    for (const bool withRoot : {true, false}) {
        if (!withRoot) state.rootSeed.reset();
        state.save(store);
        const ServerState loaded = ServerState::load(store);
        EXPECT_EQ(loaded.repositoryId, state.repositoryId);
        EXPECT_EQ(loaded.owner, state.owner);
        EXPECT_EQ(loaded.rootSeed, state.rootSeed);
        expectSame(loaded.keys, state.keys);
    }
    const Bytes file = readAll(store, "server-keys", 1 << 16);
    for (std::size_t size = 0; size < file.size(); ++size) {
        store.put("server-keys", ByteView(file).first(size));
        expectError(ErrorCode::corrupt, [&] { ServerState::load(store); });
    }
}

TEST(AgentIdentity, SurvivesItsFile) {
    MemoryStore store;
    EXPECT_FALSE(AgentIdentity::load(store));
    const AgentIdentity identity = AgentIdentity::random();
    identity.save(store);
    const auto loaded = AgentIdentity::load(store);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->id, identity.id);
    EXPECT_EQ(loaded->sign.verifyKey(), identity.sign.verifyKey());
}

TEST(Owner, IsBelievedOnlyWithTheServersSignature) {
    MemoryStore store;
    const SigningKey server = SigningKey::random();
    expectError(ErrorCode::notFound, [&] { readOwner(store, server.verifyKey()); });
    const OwnerRecord owner{randomId<OwnerId>(), 7};
    writeOwner(store, owner, server);
    EXPECT_EQ(readOwner(store, server.verifyKey()).owner, owner.owner);
    EXPECT_EQ(readOwner(store, server.verifyKey()).epoch, 7U);
    expectError(ErrorCode::untrusted, [&] { readOwner(store, SigningKey::random().verifyKey()); });
    const Bytes octets = readAll(store, "owner", 1 << 16);
    for (std::size_t at = 0; at < octets.size(); ++at) {
        Bytes changed = octets;
        changed[at] ^= 0x10;
        store.put("owner", changed);
        EXPECT_TRUE(errorOf([&] { readOwner(store, server.verifyKey()); })) << "octet " << at;
    }
}

}  // namespace
}  // namespace coffer
