// A repository that a newer version has written to, which this program must leave as it is.
#include <gtest/gtest.h>

#include <map>

#include "core/base/random.h"
#include "core/repository/config_format.h"
#include "core/repository/envelope.h"
#include "core/repository/pack_format.h"
#include "core/repository/sqlite.h"
#include "core/repository/write_session.h"
#include "tests/support/expect_error.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

struct NewerVersion : testing::Test {
    NewerVersion() {
        WriteSession session(*setting, keys.agentId, std::nullopt);
        pack = writePack(session, keys, std::vector<TestChunk>{treeChunk("root", {})});
        session.commit(sealedSnapshot(keys, pack.chunks[0]));
    }

    // As the newer program does, behind the back of this one.
    void append(const std::vector<ManifestPayload>& payloads) {
        setting.close();
        ManifestLog(setting.store, server.sign, setting.clock).append(payloads);
    }

    /// A pack as a newer version writes it, well registered.
    PackId addNewerPack() {
        Bytes octets = readAll(setting.store, packName(pack.id), 1U << 20);
        octets.at(pack_format::magic.size()) = 2;
        PackRegistration its{randomId<PackId>(), octets.size(), sha256(octets), keys.agentId, {}};
        its.signature = setting.agent.sign.sign(pack_format::registrationPurpose,
                                                its.statement(keys.repositoryId));
        setting.store.put(packName(its.pack), octets);
        append({PackRecord{its, randomId<SessionId>()}});
        return its.pack;
    }

    void reflag(const FeatureFlags& flags) {
        RepositoryConfig config = setting->config();
        config.flags = flags;
        setting.close();
        setting.store.put(config_format::configName,
                          config.encode(RootKey::fromSeed(setting.kit.rootSeed)));
    }

    void raiseStoreMark() {
        Bytes mark = readAll(setting.store, config_format::storeName, 1'000);
        mark.at(config_format::storeMagic.size()) = 2;
        setting.store.put(config_format::storeName, mark);
    }

    std::map<std::string, Bytes> objects() {
        std::map<std::string, Bytes> all;
        setting.store.list("", [&](std::string_view name, std::uint64_t size) {
            all.emplace(name, readAll(setting.store, name, size));
        });
        return all;
    }

    /// Nobody writes, this server or another one, however often it tries.
    void expectNotWritable() {
        setting.close();
        const auto before = objects();
        MemoryStore noState;
        MemoryStore state;
        state.put("server-keys", readAll(setting.state, "server-keys", 1 << 16));
        const MemoryFolder databases;
        for (int time = 0; time < 2; ++time) {
            expectError(ErrorCode::unsupported, [&] { setting.open(); });
            expectError(ErrorCode::unsupported, [&] {
                Repository::adopt({setting.store, noState, databases.path(), setting.clock},
                                  setting.kit);
            });
            expectError(ErrorCode::unsupported, [&] {
                Repository::takeOver({setting.store, state, databases.path(), setting.clock});
            });
        }
        EXPECT_EQ(objects(), before);
        EXPECT_FALSE(noState.size("server-keys"));
    }

    void expectReadable() {
        EXPECT_EQ(readChunk(setting.open(Repository::Access::read), pack.chunks[0]),
                  toBytes(bytesOf("root")));
    }

    TestRepository setting;
    const AgentKeys keys = setting.keys();
    const ServerKeys server = setting->keys();
    WrittenPack pack;
};

TEST_F(NewerVersion, FlagsLetReadAndNotWrite) {
    reflag({0, 1, 0});
    setting.close();
    const auto before = objects();
    MemoryStore state;
    const MemoryFolder databases;
    expectError(ErrorCode::unsupported, [&] { setting.open(); });
    expectError(ErrorCode::unsupported, [&] {
        Repository::adopt({setting.store, state, databases.path(), setting.clock}, setting.kit);
    });
    EXPECT_EQ(objects(), before);
}

TEST_F(NewerVersion, RecordsLetReadAndNotWrite) {
    append({UnknownRecord{200, Bytes{1, 2, 3}}});
    expectReadable();  // from here on repo.db is past it
    expectNotWritable();
    expectReadable();
    setting.close();
    setting.removeLedger();
    expectNotWritable();
}

TEST_F(NewerVersion, TheFirstRecordThatWasPassedOverIsRemembered) {
    const std::uint64_t head = setting->ledger().head().sequence;
    EXPECT_FALSE(setting->ledger().firstUnknown());
    append({UnknownRecord{200, {}}, UnknownRecord{201, {}}});
    EXPECT_EQ(setting.open(Repository::Access::read).ledger().firstUnknown(), head + 1);
    EXPECT_EQ(setting->ledger().head().sequence, head + 2);
}

TEST_F(NewerVersion, ADatabaseOfItIsLeftAlone) {
    setting.close();
    {
        SqlDatabase database(setting.databases / "repo.db", false);
        SqlStatement version = database.prepare("PRAGMA user_version");
        ASSERT_TRUE(version.step());
        EXPECT_EQ(version.integer(0), 1);
    }
    SqlDatabase(setting.databases / "repo.db", false).execute("PRAGMA user_version=2");
    for (const auto access : {Repository::Access::read, Repository::Access::write}) {
        expectError(
            ErrorCode::unsupported, [&] { setting.open(access); }, "repo.db");
    }
}

TEST_F(NewerVersion, APackOfItIsNoDamage) {
    const PackId newer = addNewerPack();
    const auto before = objects();
    for (int time = 0; time < 2; ++time) {
        expectError(
            ErrorCode::unsupported, [&] { setting.open(); }, newer.hex());
    }
    EXPECT_EQ(objects(), before);
    expectReadable();
    EXPECT_EQ(setting->ledger().stateOf(newer), PackState::received);
    // Who can read it finds it missing in the index.
    EXPECT_LT(setting->index().generation(), setting->ledger().head().sequence);
    EXPECT_EQ(setting->rebuildIndex(), std::vector<PackId>{newer});
    EXPECT_LT(setting->index().generation(), setting->ledger().head().sequence);
}

TEST_F(NewerVersion, WhatOnlyLooksLikeItIsDamaged) {
    Bytes octets = readAll(setting.store, packName(pack.id), 1U << 20);
    octets.at(pack_format::magic.size()) = 2;
    setting.close();
    setting.store.put(packName(pack.id), octets);
    setting.removeIndex();
    EXPECT_EQ(setting.open().ledger().stateOf(pack.id), PackState::suspect);
    EXPECT_EQ(setting->index().generation(), setting->ledger().head().sequence);
}

TEST_F(NewerVersion, AStoreMarkOfItMayBeThatOfAReplica) {
    raiseStoreMark();
    expectNotWritable();
}

}  // namespace
}  // namespace coffer
