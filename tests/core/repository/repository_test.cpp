#include "core/repository/repository.h"

#include <gtest/gtest.h>

#include <thread>

#include "core/repository/owner.h"
#include "core/repository/write_session.h"
#include "core/storage/local_store.h"
#include "tests/support/expect_error.h"
#include "tests/support/simulated_disk.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

constexpr CrashMode allModes[] = {CrashMode::killed, CrashMode::lost, CrashMode::hollow,
                                  CrashMode::torn};

// A snapshot of a root that holds `content`.
void commitOne(TestRepository& setting, std::string_view content) {
    const AgentKeys keys = setting.keys();
    WriteSession session(*setting, keys.agentId, std::nullopt);
    const std::vector<TestChunk> chunks = {treeChunk(content, {})};
    session.commit(sealedSnapshot(keys, writePack(session, keys, chunks).chunks[0]));
}

TEST(Repository, CreatedCanBeOpened) {
    MemoryStore store;
    MemoryStore state;
    MemoryFolder databases;
    ManualClock clock;
    const RepositoryPlace place{store, state, databases.path(), clock};
    for (const auto access : {Repository::Access::read, Repository::Access::write}) {
        expectError(ErrorCode::notFound, [&] { Repository(place, access); });
    }
    const ChunkerParameters chunker{1 << 14, 1 << 16, 1 << 18};
    Repository::create(place, chunker);
    for (const auto access : {Repository::Access::read, Repository::Access::write}) {
        Repository repository(place, access);
        EXPECT_EQ(repository.config().chunker, chunker);
        EXPECT_EQ(repository.config().created, clock.now());
        EXPECT_EQ(repository.ledger().head().sequence, 2U);
        EXPECT_TRUE(repository.ledger().snapshots().empty());
        EXPECT_FALSE(repository.kitConfirmed());
    }
}

TEST(Repository, RefusesToBeCreatedTwice) {
    TestRepository setting;
    const Bytes state = readAll(setting.state, "server-keys", 1 << 16);
    expectError(ErrorCode::alreadyExists, [&] { Repository::create(setting.place()); });
    EXPECT_EQ(readAll(setting.state, "server-keys", 1 << 16), state);
    setting.open();
}

TEST(Repository, RefusesImpossibleChunker) {
    TestRepository setting;
    MemoryStore store;
    const RepositoryPlace place{store, setting.state, setting.databases.path(), setting.clock};
    EXPECT_TRUE(errorOf([&] { Repository::create(place, {1, 3, 2}); }));
    EXPECT_EQ(store.size("config"), std::nullopt);
}

// A repository that lost its config is not an empty folder.
TEST(Repository, IsNotCreatedOverPacks) {
    TestRepository setting;
    commitOne(setting, "root");
    setting.close();
    setting.store.remove("config");
    expectError(
        ErrorCode::alreadyExists, [&] { Repository::create(setting.place()); }, "damaged");
    EXPECT_TRUE(setting.store.size("keys/00000000"));
    expectError(ErrorCode::notFound, [&] { setting.open(); });
}

TEST(Repository, IsCreatedWhereverTheFirstAttemptWasCutShort) {
    const auto createOn = [](Disk& disk) {
        LocalStore store(disk, "/repository");
        LocalStore state(disk, "/state");
        const ManualClock clock;
        Repository::create({store, state, "", clock});
    };
    SimulatedDisk whole;
    createOn(whole);
    ASSERT_GT(whole.points(), 20U);
    for (std::uint64_t point = 1; point <= whole.points(); ++point) {
        SimulatedDisk disk;
        disk.crashAt(point);
        EXPECT_THROW(createOn(disk), SimulatedCrash);
        for (const CrashMode mode : allModes) {
            SCOPED_TRACE(testing::Message() << "point " << point << " mode " << int(mode));
            const auto survivor = disk.reopen(mode);
            LocalStore store(*survivor, "/repository");
            LocalStore state(*survivor, "/state");
            MemoryFolder databases;
            ManualClock clock;
            const RepositoryPlace place{store, state, databases.path(), clock};
            // The config comes last: when it is there, the rest is too.
            if (!store.size("config")) Repository::create(place);
            Repository repository(place, Repository::Access::write);
            const RecoveryKit kit = repository.kit();
            repository.confirmKit(kit);
            MemoryStore newState;
            MemoryFolder newDatabases;
            Repository::adopt({store, newState, newDatabases.path(), clock}, kit);
        }
    }
}

struct TakenOver : testing::Test {
    TestRepository setting;
    MemoryStore newState;
    MemoryFolder newDatabases;
    RepositoryPlace newPlace{setting.store, newState, newDatabases.path(), setting.clock};
};

TEST_F(TakenOver, WithTheKitAllIsThere) {
    commitOne(setting, "root");
    const SnapshotRegistration snapshot = setting->ledger().snapshots().at(0).registration;
    Repository::adopt(newPlace, setting.kit);
    Repository repository(newPlace, Repository::Access::write);
    EXPECT_TRUE(repository.kitConfirmed());
    ASSERT_EQ(repository.ledger().snapshots().size(), 1U);
    EXPECT_EQ(repository.snapshotBody(snapshot), toBytes(bytesOf("body")));
    EXPECT_EQ(readChunk(repository, snapshot.root), toBytes(bytesOf("root")));
    EXPECT_EQ(repository.ledger().owner()->epoch, 2U);
    EXPECT_EQ(readOwner(setting.store, repository.config().server).epoch, 2U);
    // The agents are known as before.
    WriteSession session(repository, setting.agent.id, snapshot.id);
    EXPECT_TRUE(session.terms().basePinned);
}

TEST_F(TakenOver, FormerOwnerMayReadAndNotWrite) {
    commitOne(setting, "root");
    const ChunkId root = setting->ledger().snapshots().at(0).registration.root;
    const AgentKeys keys = setting.keys();
    auto session = std::make_unique<WriteSession>(*setting, keys.agentId, std::nullopt);
    Repository::adopt(newPlace, setting.kit);

    // The session that was under way…
    const std::vector<TestChunk> chunks = {treeChunk("late", {})};
    expectError(
        ErrorCode::conflict, [&] { writePack(*session, keys, chunks); }, "taken");
    expectError(ErrorCode::conflict, [&] { setting.newAgent(); });
    session.reset();
    // …and the server that comes back.
    expectError(
        ErrorCode::conflict, [&] { setting.open(); }, "taken");
    Repository& repository = setting.open(Repository::Access::read);
    EXPECT_EQ(readChunk(repository, root), toBytes(bytesOf("root")));
    expectError(ErrorCode::conflict, [&] { setting.newAgent(); });
    Repository(newPlace, Repository::Access::write);
}

TEST_F(TakenOver, BackAgainByAdoptingAnew) {
    Repository::adopt(newPlace, setting.kit);
    setting.close();
    Repository::adopt(setting.place(), setting.kit);
    EXPECT_EQ(setting.open().ledger().owner()->epoch, 3U);
    expectError(ErrorCode::conflict, [&] { Repository(newPlace, Repository::Access::write); });
}

TEST_F(TakenOver, WithTheKeysOfABackup) {
    commitOne(setting, "root");
    const SnapshotRegistration snapshot = setting->ledger().snapshots().at(0).registration;
    newState.put("server-keys", readAll(setting.state, "server-keys", 1 << 16));
    Repository::takeOver(newPlace);
    Repository repository(newPlace, Repository::Access::write);
    EXPECT_EQ(readChunk(repository, snapshot.root), toBytes(bytesOf("root")));
    EXPECT_EQ(repository.ledger().owner()->epoch, 2U);
    repository.checkOwner();
    expectError(
        ErrorCode::conflict, [&] { setting->checkOwner(); }, "taken");
    expectError(ErrorCode::conflict, [&] { setting.newAgent(); });
}

TEST_F(TakenOver, NotWithTheKeysOfAnother) {
    TestRepository other;
    newState.put("server-keys", readAll(other.state, "server-keys", 1 << 16));
    expectError(ErrorCode::wrongKey, [&] { Repository::takeOver(newPlace); });
    newState.remove("server-keys");
    expectError(ErrorCode::notFound, [&] { Repository::takeOver(newPlace); });
    setting->checkOwner();
}

TEST_F(TakenOver, NotWithoutARepository) {
    MemoryStore empty;
    expectError(ErrorCode::notFound, [&] {
        Repository::adopt({empty, newState, newDatabases.path(), setting.clock}, setting.kit);
    });
}

TEST_F(TakenOver, NotWithAForeignKeyObject) {
    TestRepository other;
    setting.store.put("keys/00000000", readAll(other.store, "keys/00000000", 1 << 16));
    EXPECT_TRUE(errorOf([&] { Repository::adopt(newPlace, setting.kit); }));
    // Well signed by the kit, but of other keys than the config names.
    setting.store.put("keys/00000000", sealKeyObject(ServerKeys::random(), setting.kit.repositoryId,
                                                     RootKey::fromSeed(setting.kit.rootSeed)));
    expectError(ErrorCode::wrongKey, [&] { Repository::adopt(newPlace, setting.kit); });
    EXPECT_EQ(newState.size("server-keys"), std::nullopt);
    setting.open();
}

TEST(Repository, RefusesStateOfAnother) {
    TestRepository setting;
    TestRepository other;
    setting.close();
    expectError(ErrorCode::conflict, [&] {
        Repository({setting.store, other.state, setting.databases.path(), setting.clock},
                   Repository::Access::write);
    });
    other.close();
    expectError(ErrorCode::conflict, [&] {
        Repository({setting.store, setting.state, other.databases.path(), setting.clock},
                   Repository::Access::write);
    });
    ServerState state = ServerState::load(setting.state);
    state.keys = ServerKeys::random();
    state.save(setting.state);
    expectError(ErrorCode::wrongKey, [&] { setting.open(); });
}

TEST(Repository, EnrolsAnAgentOnce) {
    TestRepository setting;
    const std::uint64_t before = setting->ledger().head().sequence;
    setting->enrol(setting.agent.id, setting.agent.sign.verifyKey());
    EXPECT_EQ(setting->ledger().head().sequence, before);
    const VerifyKey renewed = SigningKey::random().verifyKey();
    setting->enrol(setting.agent.id, renewed);
    EXPECT_EQ(setting->ledger().head().sequence, before + 1);
    EXPECT_EQ(setting.open().ledger().agentKey(setting.agent.id), renewed);
}

TEST(Repository, ForgetsSnapshots) {
    TestRepository setting;
    commitOne(setting, "one");
    commitOne(setting, "two");
    const auto snapshots = setting->ledger().snapshots();
    ASSERT_EQ(snapshots.size(), 2U);
    setting->forget(snapshots[0].registration.id);
    expectError(ErrorCode::notFound, [&] { setting->forget(snapshots[0].registration.id); });
    EXPECT_EQ(setting.store.size(snapshotName(snapshots[0].registration.id)), std::nullopt);
    setting.removeLedger();
    setting.open();
    ASSERT_EQ(setting->ledger().snapshots().size(), 1U);
    EXPECT_EQ(setting->ledger().snapshots()[0].registration.id, snapshots[1].registration.id);
    EXPECT_EQ(readChunk(*setting, snapshots[0].registration.root), toBytes(bytesOf("one")));
}

TEST(Repository, TakesRecordsOfManyThreads) {
    TestRepository setting;
    const std::uint64_t before = setting->ledger().head().sequence;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int j = 0; j < 10; ++j) setting.newAgent();
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(setting->ledger().head().sequence, before + 40);
    EXPECT_EQ(setting->index().generation(), before + 40);
    const ManifestHead head = setting->ledger().head();
    EXPECT_EQ(setting.open().ledger().head(), head);
}

}  // namespace
}  // namespace coffer
