// What a repository makes of lost or old databases, damaged packs and a manifest that was cut.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/base/random.h"
#include "core/repository/read_session.h"
#include "core/repository/write_session.h"
#include "tests/support/expect_error.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

struct Recovery : testing::Test {
    Recovery() {
        add("one");
        add("two");
    }

    // A snapshot of a root and one file, a pack for each.
    void add(const std::string& content) {
        const AgentKeys keys = setting.keys();
        WriteSession session(*setting, keys.agentId, std::nullopt);
        const std::vector<TestChunk> file = {dataChunk("file " + content)};
        const WrittenPack filePack = writePack(session, keys, file);
        const std::vector<TestChunk> root = {treeChunk("root " + content, filePack.chunks)};
        const WrittenPack rootPack = writePack(session, keys, root);
        session.commit(sealedSnapshot(keys, rootPack.chunks[0], content));
        packs.insert(packs.end(), {filePack, rootPack});
        contents.insert(contents.end(), {file[0].content, root[0].content});
    }

    void expectWhole() {
        for (std::size_t i = 0; i < packs.size(); ++i) {
            EXPECT_EQ(readChunk(*setting, packs[i].chunks[0]), contents[i]);
        }
        const auto snapshots = setting->ledger().snapshots();
        EXPECT_EQ(snapshots.size(), packs.size() / 2);
        for (const SnapshotInfo& snapshot : snapshots) {
            EXPECT_FALSE(setting->snapshotBody(snapshot.registration).empty());
        }
        EXPECT_EQ(setting->index().generation(), setting->ledger().head().sequence);
    }

    void expectLost(const WrittenPack& pack) {
        expectError(ErrorCode::notFound, [&] { readChunk(*setting, pack.chunks[0]); });
    }

    Bytes packOctets(const WrittenPack& pack) {
        return readAll(setting.store, packName(pack.id), 1 << 20);
    }
    void damageHeader(const WrittenPack& pack) {
        Bytes octets = packOctets(pack);
        octets[100] ^= 1;
        setting.store.put(packName(pack.id), octets);
    }

    void saveDatabases() {
        setting.close();
        fs::copy(setting.databases.path(), saved.path(), fs::copy_options::recursive);
    }
    void restoreDatabase(const std::string& name) {
        fs::copy(saved / name, setting.databases / name,
                 fs::copy_options::overwrite_existing | fs::copy_options::recursive);
    }

    TestRepository setting;
    MemoryFolder saved;
    std::vector<WrittenPack> packs;
    std::vector<Bytes> contents;
};

TEST_F(Recovery, RebuildsALostIndex) {
    setting.removeIndex();
    setting.open();
    expectWhole();
}

TEST_F(Recovery, RebuildsAnIndexThatIsNone) {
    setting.close();
    std::ofstream(setting.databases / "index/catalog", std::ios::trunc) << std::string(8192, 'x');
    setting.open();
    expectWhole();
}

TEST_F(Recovery, RebuildsALostLedger) {
    setPackState(*setting, packs[0].id, PackState::verified);
    const ManifestHead head = setting->ledger().head();
    setting.removeLedger();
    setting.open();
    expectWhole();
    EXPECT_EQ(setting->ledger().head(), head);
    EXPECT_EQ(setting->ledger().stateOf(packs[0].id), PackState::verified);
    EXPECT_EQ(setting->ledger().stateOf(packs[1].id), PackState::received);
    EXPECT_TRUE(setting->ledger().agentKey(setting.agent.id));
}

TEST_F(Recovery, RebuildsBoth) {
    setting.removeIndex();
    setting.removeLedger();
    setting.open(Repository::Access::read);
    expectWhole();
    setting.open();
    add("three");
    expectWhole();
}

TEST_F(Recovery, BringsOldDatabasesAlong) {
    saveDatabases();
    setting.open();
    add("three");
    add("four");
    setting.removeIndex();
    restoreDatabase("index");
    setting.open();
    expectWhole();

    setting.removeLedger();
    restoreDatabase("repo.db");
    setting.open();
    expectWhole();

    setting.removeIndex();
    setting.removeLedger();
    restoreDatabase("index");
    restoreDatabase("repo.db");
    setting.open(Repository::Access::read);
    expectWhole();
}

// An index that knows more than the manifest is from another history.
TEST_F(Recovery, RebuildsAnIndexFromTheFuture) {
    setting->index().setGeneration(1'000'000);
    setting->index().remove(packs[0].id, 1'000'000);
    setting.open();
    expectWhole();
}

TEST_F(Recovery, RebuildsTheIndexWhenAsked) {
    setting->index().clear();
    EXPECT_TRUE(setting->rebuildIndex().empty());
    expectWhole();
    setting.store.remove(packName(packs[2].id));
    setting.open();
    EXPECT_EQ(setting->rebuildIndex(), std::vector<PackId>{packs[2].id});
    expectLost(packs[2]);
    EXPECT_EQ(readChunk(*setting, packs[3].chunks[0]), contents[3]);
}

TEST_F(Recovery, MarksAMissingPackSuspect) {
    setting.removeIndex();
    setting.store.remove(packName(packs[1].id));
    setting.open();
    EXPECT_EQ(setting->ledger().packsIn(PackState::suspect), std::vector<PackId>{packs[1].id});
    expectLost(packs[1]);
    EXPECT_EQ(readChunk(*setting, packs[0].chunks[0]), contents[0]);
    EXPECT_EQ(readChunk(*setting, packs[2].chunks[0]), contents[2]);
    // It stays so, and in the manifest too.
    setting.removeIndex();
    setting.removeLedger();
    setting.open();
    EXPECT_EQ(setting->ledger().packsIn(PackState::suspect), std::vector<PackId>{packs[1].id});
}

TEST_F(Recovery, MarksADamagedPackSuspect) {
    setting.removeIndex();
    damageHeader(packs[0]);
    const Bytes whole = packOctets(packs[3]);
    setting.store.put(packName(packs[3].id), ByteView(whole).first(whole.size() - 5));
    setting.open();
    EXPECT_EQ(setting->ledger().packsIn(PackState::suspect).size(), 2U);
    EXPECT_EQ(setting->ledger().stateOf(packs[0].id), PackState::suspect);
    EXPECT_EQ(setting->ledger().stateOf(packs[3].id), PackState::suspect);
    EXPECT_EQ(readChunk(*setting, packs[1].chunks[0]), contents[1]);
}

TEST_F(Recovery, ReadersDoNotHideDamageFromTheNextWriter) {
    setting.removeIndex();
    setting.store.remove(packName(packs[1].id));
    setting.open(Repository::Access::read);
    EXPECT_EQ(readChunk(*setting, packs[0].chunks[0]), contents[0]);
    setting.open();
    EXPECT_EQ(setting->ledger().stateOf(packs[1].id), PackState::suspect);
}

// Damage somewhere in a pack says nothing about the rest of it.
TEST_F(Recovery, ASuspectPackIsStillReadAfterARebuild) {
    setPackState(*setting, packs[0].id, PackState::suspect);
    EXPECT_EQ(readChunk(*setting, packs[0].chunks[0]), contents[0]);
    setting.removeIndex();
    setting.open();
    EXPECT_EQ(readChunk(*setting, packs[0].chunks[0]), contents[0]);
    EXPECT_EQ(setting->ledger().stateOf(packs[0].id), PackState::suspect);
}

// What goes wrong in the database is not the packs' fault.
TEST_F(Recovery, AFailingIndexMakesNoPackSuspect) {
    setting.removeIndex();
    std::ofstream(setting.databases / "index") << "no folder";
    EXPECT_TRUE(errorOf([&] { setting.open(); }));
    setting.removeIndex();
    setting.open();
    EXPECT_TRUE(setting->ledger().packsIn(PackState::suspect).empty());
    expectWhole();
}

// Another program is writing meanwhile: a peek takes the databases as they are.
TEST_F(Recovery, APeekBringsNothingAlong) {
    saveDatabases();
    setting.open();
    add("three");
    setting.removeIndex();
    setting.removeLedger();
    restoreDatabase("index");
    restoreDatabase("repo.db");
    setting.open(Repository::Access::peek);
    EXPECT_EQ(setting->ledger().snapshots().size(), 2U);
    EXPECT_EQ(readChunk(*setting, packs[3].chunks[0]), contents[3]);
    setting.removeLedger();
    expectError(ErrorCode::busy, [&] { setting.open(Repository::Access::peek); });
    setting.open();
    expectWhole();
}

// A config that vouches for itself, with the same keys and another root.
TEST_F(Recovery, AnotherConfigThanAtTheBeginningIsRefused) {
    const RootKey forger = RootKey::random();
    RepositoryConfig config = setting->config();
    config.rootBox = forger.box.publicKey;
    config.rootSign = forger.sign.verifyKey();
    setting.store.put("config", config.encode(forger));
    setting.removeLedger();
    expectError(
        ErrorCode::untrusted, [&] { setting.open(); }, "begins another repository");
}

// What the server signs counts only with the agent's own signature.
TEST_F(Recovery, RecordsWithoutTheAgentsSignatureAreRefused) {
    AgentKeys forger = setting.keys();
    forger.sign = SigningKey::random();
    const SealedSnapshot known = sealedSnapshot(forger, packs[1].chunks[0]);
    forger.agentId = randomId<AgentId>();
    const SealedSnapshot unknown = sealedSnapshot(forger, packs[1].chunks[0]);
    PackRegistration pack = setting->ledger().packs().at(0).registration;
    pack.pack = randomId<PackId>();
    const ManifestPayload forgeries[] = {SnapshotRecord{known.registration},
                                         SnapshotRecord{unknown.registration},
                                         PackRecord{pack, randomId<SessionId>()}};
    const Bytes manifest = readAll(setting.store, "manifest/0000000000000001", 1 << 20);
    for (const ManifestPayload& forgery : forgeries) {
        setting->record({&forgery, 1});
        setting.removeLedger();
        expectError(ErrorCode::untrusted, [&] { setting.open(); });
        setting.store.put("manifest/0000000000000001", manifest);
        setting.removeLedger();
        setting.open();
    }
}

struct CutManifest : Recovery {
    static constexpr const char* name = "manifest/0000000000000001";
    Bytes manifest() { return readAll(setting.store, name, 1 << 20); }
};

TEST_F(CutManifest, IsFoundByWhoRemembersTheHead) {
    const Bytes before = manifest();
    add("three");
    const Bytes after = manifest();
    setting.store.put(name, before);
    for (const auto access : {Repository::Access::read, Repository::Access::write}) {
        expectError(
            ErrorCode::untrusted, [&] { setting.open(access); }, "cut short or set back");
    }
    setting.store.put(name, after);
    setting.open();
    expectWhole();
}

TEST_F(CutManifest, AnotherHistoryOfTheSameLengthIsFound) {
    const Bytes before = manifest();
    saveDatabases();
    setting.open();
    add("three");
    const Bytes after = manifest();
    // The same server set back, then going on in another way.
    setting.removeLedger();
    setting.removeIndex();
    setting.store.put(name, before);
    setting.open();
    add("four");
    add("five");
    const Bytes other = manifest();
    setting.store.put(name, after);
    expectError(ErrorCode::untrusted, [&] { setting.open(); });
    setting.removeLedger();
    setting.open();  // knows of nothing now, and reads what is there
    setting.store.put(name, other);
    expectError(
        ErrorCode::untrusted, [&] { setting.open(); }, "another history");
}

TEST_F(CutManifest, MissingIsRefused) {
    setting.store.remove(name);
    expectError(ErrorCode::untrusted, [&] { setting.open(); });
    setting.removeLedger();
    expectError(
        ErrorCode::corrupt, [&] { setting.open(); }, "missing");
}

}  // namespace
}  // namespace coffer
