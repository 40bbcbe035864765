// An agent can add, it can never read: tried with all that an agent has.
#include <gtest/gtest.h>

#include <type_traits>

#include "core/base/wire.h"
#include "core/codec/aead.h"
#include "core/repository/config_format.h"
#include "core/repository/pack_format.h"
#include "core/repository/write_session.h"
#include "tests/support/expect_error.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

template <class... Members>
constexpr bool noBoxKey = (... && !(std::is_same_v<Members, BoxKeyPair> ||
                                    std::is_same_v<Members, ServerKeys> ||
                                    std::is_same_v<Members, SecretKey> ||
                                    std::is_same_v<Members, RootKey>));

// Names every member, so that a new one has to be thought about here.
template <class Work>
void withMembers(const AgentKeys& keys, Work&& work) {
    const auto& [repositoryId, epoch, content, metadata, domain, agentId, sign] = keys;
    work(repositoryId, epoch, content, metadata, domain, agentId, sign);
}

TEST(AgentKeys, HoldNoBoxKey) {
    withMembers(AgentKeys{}, [](const auto&... members) {
        static_assert(noBoxKey<std::remove_cvref_t<decltype(members)>...>);
        static_assert(sizeof...(members) == 7);
    });
    const auto& [id, key, seed] = DedupDomain{};
    static_assert(noBoxKey<std::remove_cvref_t<decltype(id)>, std::remove_cvref_t<decltype(key)>,
                           std::remove_cvref_t<decltype(seed)>>);
}

// Every run of 32 octets an agent holds, taken for a secret key, and what can be derived from it.
std::vector<SecretKey> secretsOf(const AgentKeys& keys) {
    std::vector<SecretKey> secrets = {SecretKey::from(keys.content.view()),
                                      SecretKey::from(keys.metadata.view()),
                                      SecretKey::from(keys.domain.key),
                                      SecretKey::from(keys.domain.seed),
                                      SecretKey::from(keys.sign.seed().view()),
                                      SecretKey::from(keys.sign.verifyKey().view()),
                                      SecretKey::from(sha256(keys.sign.seed().view()).view())};
    Bytes ids = toBytes(keys.repositoryId.view());
    append(ids, keys.agentId.view());
    secrets.push_back(SecretKey::from(ids));
    const std::size_t direct = secrets.size();
    for (std::size_t i = 0; i < direct; ++i) {
        secrets.push_back(RootKey::fromSeed(secrets[i]).box.secretKey);
    }
    return secrets;
}

/// A repository with a pack and a snapshot in it, as octets.
struct Plundered : testing::Test {
    Plundered() {
        const AgentKeys keys = setting.keys();
        WriteSession session(*setting, keys.agentId, std::nullopt);
        const TestChunk data = dataChunk("the secret content");
        const std::vector<TestChunk> chunks = {data, treeChunk("names", {idOf(keys, data)})};
        pack = writePack(session, keys, chunks);
        snapshot = sealedSnapshot(keys, pack.chunks[1], "the secret body");
        session.commit(snapshot);
    }

    Bytes object(std::string_view name) { return readAll(setting.store, name, 1 << 20); }

    TestRepository setting;
    WrittenPack pack;
    SealedSnapshot snapshot;
};

TEST_F(Plundered, NoAgentKeyOpensABox) {
    const Bytes octets = object(packName(pack.id));
    const std::size_t boxes = pack_format::headerSize - 2 * pack_format::keyBoxSize;
    const ByteView contentBox = ByteView(octets).subspan(boxes, pack_format::keyBoxSize);
    const ByteView metadataBox =
        ByteView(octets).subspan(boxes + pack_format::keyBoxSize, pack_format::keyBoxSize);
    const Bytes snapshotObject = object(snapshotName(snapshot.registration.id));
    const ByteView snapshotBox = ByteView(snapshotObject).subspan(8 + 2 + 16);
    const Bytes keyObject = object(config_format::firstKeysName);
    WireReader reader(ByteView(keyObject).subspan(8 + 2 + 16 + 4 + 1 + 32));
    const ByteView serverBox = reader.sized(1 << 16);

    // The boxes are where they are looked for: their owners do open them.
    const ServerKeys& server = setting->keys();
    openBox(server.content, contentBox);
    openBox(server.metadata, metadataBox);
    openBox(server.metadata, snapshotBox);
    openBox(RootKey::fromSeed(setting.kit.rootSeed).box, serverBox);

    const AgentKeys keys = setting.keys();
    for (const SecretKey& secret : secretsOf(keys)) {
        BoxKeyPair asPair = BoxKeyPair::fromSecretKey(secret);
        for (const BoxPublicKey& name :
             {asPair.publicKey, keys.content, keys.metadata, setting->config().rootBox}) {
            asPair.publicKey = name;
            for (const ByteView box : {contentBox, metadataBox, snapshotBox, serverBox}) {
                expectError(ErrorCode::wrongKey, [&] { openBox(asPair, box); });
                expectError(ErrorCode::wrongKey,
                            [&] { openBox(BoxKeyPair::fromSeed(secret), box); });
            }
        }
    }
}

TEST_F(Plundered, NoAgentKeyOpensADirectoryOrABlock) {
    const Bytes octets = object(packName(pack.id));
    const OpenPack open =
        OpenPack::parse(octets, setting->config().repositoryId, pack.id, setting->keys());
    const AgentKeys keys = setting.keys();
    Decompressor decompressor;
    const ByteView header = ByteView(octets).first(pack_format::headerSize);
    WireReader trailer(ByteView(octets).last(pack_format::trailerSize));
    const std::uint64_t offset = trailer.u64();
    const std::uint32_t length = trailer.u32();
    const std::uint32_t raw = trailer.u32();
    const Bytes associated = directoryAssociatedData(header, raw, trailer.u8());
    for (const SecretKey& secret : secretsOf(keys)) {
        for (const SecretKey& key : {secret, directoryKey(secret, pack.id)}) {
            expectError(ErrorCode::corrupt, [&] {
                openSealed(key, associated, ByteView(octets).subspan(offset, length));
            });
        }
        for (std::uint32_t number = 0; number < 2; ++number) {
            // Even knowing all of the directory.
            const BlockPlace& place = open.directory().blocks[number];
            BlockAccess access = open.access(number);
            const ByteView sealed = ByteView(octets).subspan(place.offset, place.sealedLength);
            EXPECT_FALSE(errorOf([&] { openBlock(access, place, sealed, decompressor); }));
            for (const SecretKey& key : {secret, blockKey(secret, pack.id, number)}) {
                access.key = key;
                expectError(ErrorCode::corrupt,
                            [&] { openBlock(access, place, sealed, decompressor); });
            }
        }
    }
}

TEST_F(Plundered, NoAgentKeyStandsInForTheServersOrTheKit) {
    const Bytes octets = object(packName(pack.id));
    const Bytes snapshotObject = object(snapshotName(snapshot.registration.id));
    const Bytes keyObject = object(config_format::firstKeysName);
    const RepositoryId repository = setting->config().repositoryId;
    const AgentKeys keys = setting.keys();
    for (const SecretKey& secret : secretsOf(keys)) {
        ServerKeys forged;
        forged.content = BoxKeyPair::fromSecretKey(secret);
        forged.metadata = forged.content;
        EXPECT_TRUE(errorOf([&] { OpenPack::parse(octets, repository, pack.id, forged); }));
        EXPECT_TRUE(errorOf(
            [&] { openSnapshot(snapshot.registration, snapshotObject, repository, forged); }));
        EXPECT_TRUE(
            errorOf([&] { openKeyObject(keyObject, repository, RootKey::fromSeed(secret)); }));
        MemoryStore state;
        MemoryFolder databases;
        expectError(ErrorCode::wrongKey, [&] {
            Repository::adopt({setting.store, state, databases.path(), setting.clock},
                              {repository, secret});
        });
    }
}

TEST_F(Plundered, NothingLiesOpenInTheRepository) {
    std::vector<std::string> names;
    setting.store.list("", [&](std::string_view name, std::uint64_t) { names.emplace_back(name); });
    ASSERT_GE(names.size(), 6U);  // config, keys, owner, manifest, pack, snapshot
    const ServerKeys& server = setting->keys();
    const DomainKey& domainKey = server.domains[0].key;
    const ByteView secrets[] = {bytesOf("secret"),
                                bytesOf("names"),
                                server.content.secretKey.view(),
                                server.metadata.secretKey.view(),
                                server.sign.seed().view(),
                                setting.kit.rootSeed.view(),
                                domainKey,
                                setting.agent.sign.seed().view(),
                                pack.chunks[0].view()};
    for (const std::string& name : names) {
        const Bytes octets = object(name);
        for (const ByteView secret : secrets) {
            EXPECT_EQ(textOf(octets).find(textOf(secret)), std::string_view::npos) << name;
        }
    }
}

}  // namespace
}  // namespace coffer
