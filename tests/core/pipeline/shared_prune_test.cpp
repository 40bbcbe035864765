// One program receives backups while another forgets, verifies and prunes in the same repository,
// and each leaves something behind now and then, as if it were killed: every snapshot that should
// exist is there, and garbage is bounded.
#include "core/base/random.h"
#include "core/pipeline/leftovers.h"
#include "core/pipeline/prune_job.h"
#include "core/repository/pack_writer.h"
#include "core/repository/write_session.h"
#include "tests/support/expect_error.h"
#include "tests/support/prune_stress.h"
#include "tests/support/shared_repository.h"

#include <gtest/gtest.h>

namespace coffer {
namespace {

constexpr std::uint32_t seed = 20'261;
constexpr int rounds = 4;

struct SharedPrune : testing::Test {
    ChunkId id(const TestChunk& chunk) { return shared.id(chunk); }
    Repository& server() { return *shared.server; }
    Repository& store() { return *shared.store; }

    WrittenPack send(WriteSession& session, const std::vector<TestChunk>& chunks) {
        return writePack(session, shared.keys(), chunks);
    }

    bool promised(WriteSession& session, const TestChunk& chunk) {
        const ChunkId asked = id(chunk);
        return !session.missing({&asked, 1})[0];
    }

    SnapshotId commit(WriteSession& session, const std::vector<ChunkId>& below,
                      const std::string& name) {
        const TestChunk root = treeChunk("root of " + name, below);
        send(session, {root});
        const SealedSnapshot snapshot = sealedSnapshot(shared.keys(), id(root), name);
        session.commit(snapshot);
        return snapshot.registration.id;
    }

    PruneResult prune(const PruneSettings& settings = {}) {
        RunProgress progress;
        ProblemLog problems([](const Problem& it) { ADD_FAILURE() << it.path << it.message; });
        return runPrune(server(), settings, progress, problems, cancel);
    }

    // Through the server, where a restore or browse may run.
    bool isThere(const TestChunk& chunk) {
        try {
            return readChunk(server(), id(chunk)) == chunk.content;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::notFound) << error.what();
            return false;
        }
    }

    SharedRepository shared;
    CancelToken cancel;
    const TestChunk small = dataChunk("small");
};

TEST_F(SharedPrune, APackIsKeptForASessionOfTheOtherProgram) {
    {
        WriteSession session(store(), shared.agent.id, std::nullopt);
        server().forget(commit(session, send(session, {small}).chunks, "first"));
    }
    auto session = std::make_unique<WriteSession>(store(), shared.agent.id, std::nullopt);
    ASSERT_TRUE(promised(*session, small));
    const PruneResult first = prune();
    EXPECT_GE(first.unneeded.packs, 1U);
    EXPECT_EQ(first.deleted.packs, 0U);
    WriteSession later(store(), shared.agent.id, std::nullopt);
    EXPECT_FALSE(promised(later, small));
    // What was promised is needed after all.
    commit(*session, {id(small)}, "second");
    session.reset();
    prune();
    EXPECT_TRUE(isThere(small));
}

TEST_F(SharedPrune, ABaseThatTheOtherProgramHasPinnedStays) {
    std::optional<SnapshotId> base;
    {
        WriteSession session(store(), shared.agent.id, std::nullopt);
        base = commit(session, send(session, {small}).chunks, "first");
    }
    auto session = std::make_unique<WriteSession>(store(), shared.agent.id, base);
    ASSERT_TRUE(session->terms().basePinned);
    server().forget(*base);
    prune();
    EXPECT_TRUE(isThere(small));
    session.reset();
    prune();
    EXPECT_FALSE(isThere(small));
}

TEST_F(SharedPrune, WhatADeadProgramHeldIsLetGo) {
    {
        WriteSession session(store(), shared.agent.id, std::nullopt);
        server().forget(commit(session, send(session, {small}).chunks, "first"));
    }
    store().running().begin({randomId<SessionId>(), shared.agent.id, 1});
    prune();
    EXPECT_TRUE(isThere(small));
    shared.storeLock.reset();
    prune();
    EXPECT_FALSE(isThere(small));
}

TEST_F(SharedPrune, AnObjectOnlyTheManifestKnowsIsNoLeftover) {
    WriteSession session(store(), shared.agent.id, std::nullopt);
    const auto upload = session.receivePack();
    const PackId pack = upload->id();
    // As PackUpload::finish, killed behind the manifest.
    const std::vector<TestChunk> chunks{small};
    struct Keeper : PackUpload {
        Keeper(WriteSession::Upload& inner, Repository& repository, ManifestLog& log)
            : inner_(inner), repository_(repository), log_(log) {}
        PackId id() const override { return inner_.id(); }
        void append(ByteView slice) override { coffer::append(octets, slice); }
        void finish(const PackRegistration& registration) override {
            putNew(repository_.store(), packName(id()), octets);
            const ManifestPayload payload[] = {PackRecord{registration, randomId<SessionId>()}};
            log_.append(payload);
        }
        WriteSession::Upload& inner_;
        Repository& repository_;
        ManifestLog& log_;
        Bytes octets;
    };
    ManifestLog log(shared.objects, store().keys().sign, shared.clock);
    const AgentKeys keys = shared.keys();
    PackWriter writer(keys, std::make_unique<Keeper>(*upload, store(), log));
    addBlock(writer, keys, chunks);
    writer.finish();
    EXPECT_EQ(prune().leftovers, 0U);
    EXPECT_TRUE(shared.objects.size(packName(pack)));
    EXPECT_EQ(server().ledger().stateOf(pack), PackState::received);
}

// A killed backup's snapshot object, which the backup commits again under the same name while a
// prune goes through what it has found.
TEST_F(SharedPrune, AnObjectThatHasArrivedSinceItWasFoundStays) {
    WriteSession session(store(), shared.agent.id, std::nullopt);
    const TestChunk root = treeChunk("root", {});
    send(session, {root});
    const SealedSnapshot snapshot = sealedSnapshot(shared.keys(), id(root), "again");
    const std::string name = snapshotName(snapshot.registration.id);
    shared.objects.put(name, snapshot.object);
    const std::vector<Leftover> found = findLeftovers(server());
    ASSERT_EQ(found.size(), 1U);
    {
        const RunningWork::Arrival arrival(store().running(), name);
        EXPECT_FALSE(removeLeftover(server(), name));
    }
    session.commit(snapshot);
    EXPECT_FALSE(removeLeftover(server(), name));
    EXPECT_TRUE(shared.objects.size(name));
    shared.objects.put(snapshotName(randomId<SnapshotId>()), snapshot.object);
    EXPECT_TRUE(removeLeftover(server(), findLeftovers(server()).at(0).name));
}

TEST_F(SharedPrune, WhatIsForgottenWhileItArrivesAgainStays) {
    WriteSession session(store(), shared.agent.id, std::nullopt);
    const SnapshotId snapshot = commit(session, {}, "first");
    {
        const RunningWork::Arrival again(store().running(), snapshotName(snapshot));
        server().forget(snapshot);
    }
    EXPECT_TRUE(shared.objects.size(snapshotName(snapshot)));
    EXPECT_EQ(prune().leftovers, 1U);
    EXPECT_FALSE(shared.objects.size(snapshotName(snapshot)));
}

TEST_F(SharedPrune, UnderStressLosesNothingAndLeavesLittle) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const auto backsUp = [this]() -> Repository& { return store(); };
    const auto prunes = [this]() -> Repository& { return server(); };
    PruneStress stress({seed, 8, 100, 20}, shared.agent, backsUp, prunes);
    for (int round = 0; round < rounds; ++round) {
        stress.runRound(round);
        // One of them is killed: what it noted stays, an object that was not registered, too.
        const bool killStore = round % 2 == 0;
        Repository& killed = killStore ? store() : server();
        killed.running().begin({randomId<SessionId>(), shared.agent.id, 1});
        shared.objects.put(packName(randomId<PackId>()), noise(300, 7));
        if (killStore) {
            shared.open(shared.store, "store");
        } else {
            shared.open(shared.server, "server");
        }
        stress.expectAllThere();
    }
    stress.expectLittleLeft();
    stress.expectAllThere();
}

}  // namespace
}  // namespace coffer
