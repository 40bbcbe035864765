// Two programs that have one repository open for writing (docs/locking.md).
#include "tests/support/shared_repository.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "core/base/random.h"
#include "core/base/threads.h"
#include "core/repository/write_session.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

struct SharedTest : testing::Test {
    WrittenPack send(Repository& repository, const std::vector<TestChunk>& chunks) {
        WriteSession session(repository, shared.agent.id, std::nullopt);
        return writePack(session, shared.keys(), chunks);
    }

    SnapshotId commit(Repository& repository, const TestChunk& root) {
        WriteSession session(repository, shared.agent.id, std::nullopt);
        writePack(session, shared.keys(), std::vector{root});
        const SealedSnapshot snapshot = sealedSnapshot(shared.keys(), shared.id(root));
        session.commit(snapshot);
        return snapshot.registration.id;
    }

    bool promised(WriteSession& session, const TestChunk& chunk) {
        const ChunkId asked = shared.id(chunk);
        return !session.missing({&asked, 1})[0];
    }

    static std::vector<ManifestPayload> newAgents(std::size_t count) {
        std::vector<ManifestPayload> records;
        for (std::size_t i = 0; i < count; ++i) {
            const AgentIdentity agent = AgentIdentity::random();
            records.emplace_back(AgentKeyRecord{agent.id, agent.sign.verifyKey()});
        }
        return records;
    }

    static void expectSame(Repository& a, Repository& b) {
        a.refresh();
        b.refresh();
        EXPECT_EQ(a.ledger().head(), b.ledger().head());
        EXPECT_EQ(a.index().generation(), a.ledger().head().sequence);
        EXPECT_EQ(b.index().generation(), b.ledger().head().sequence);
        EXPECT_EQ(a.index().chunkCount(), b.index().chunkCount());
        for (const PackState state : {PackState::received, PackState::verified, PackState::suspect,
                                      PackState::condemned, PackState::gone}) {
            EXPECT_EQ(a.ledger().totals(state).packs, b.ledger().totals(state).packs);
            EXPECT_EQ(a.ledger().totals(state).bytes, b.ledger().totals(state).bytes);
        }
    }

    // What a program leaves that is killed between the manifest and repo.db.
    void appendToManifestAlone(std::span<const ManifestPayload> payloads) {
        ManifestLog(shared.objects, shared.server->keys().sign, shared.clock).append(payloads);
    }

    SharedRepository shared;
    Repository& server() { return *shared.server; }
    Repository& store() { return *shared.store; }
    const TestChunk small = dataChunk("small");
    const TestChunk top = treeChunk("root", {});
};

TEST_F(SharedTest, ASnapshotOfOneCanBeReadThroughTheOther) {
    const SnapshotId snapshot = commit(store(), top);
    EXPECT_EQ(readChunk(server(), shared.id(top)), top.content);
    EXPECT_TRUE(server().ledger().snapshot(snapshot));
    expectSame(server(), store());
}

// Of which one is newer.
TEST_F(SharedTest, WhatTheOtherHasRecordedAndThisDoesNotKnowEndsItsWriting) {
    commit(store(), top);
    server().refresh();
    const std::vector<ManifestPayload> newer{UnknownRecord{200, Bytes{1}}};
    appendToManifestAlone(newer);
    const std::uint64_t size = *shared.objects.size("manifest/0000000000000001");
    for (Repository* repository : {&server(), &store()}) {
        expectError(
            ErrorCode::unsupported, [&] { repository->record(newAgents(1)); }, "newer version");
        EXPECT_FALSE(repository->canWrite());
        EXPECT_EQ(readChunk(*repository, shared.id(top)), top.content);
    }
    EXPECT_EQ(shared.objects.size("manifest/0000000000000001"), size);
}

TEST_F(SharedTest, ASessionKnowsWhatTheOtherHasReceived) {
    send(server(), {small});
    WriteSession session(store(), shared.agent.id, std::nullopt);
    EXPECT_TRUE(promised(session, small));
}

TEST_F(SharedTest, AppendsOfBothFollowEachOther) {
    const std::uint64_t before = server().ledger().head().sequence;
    for (int i = 0; i < 20; ++i) {
        server().record(newAgents(1));
        store().record(newAgents(2));
    }
    expectSame(server(), store());
    EXPECT_EQ(server().ledger().head().sequence, before + 60);
    shared.open(shared.server, "server");  // reads the whole chain
    expectSame(server(), store());
}

TEST_F(SharedTest, OneFollowsTheOtherIntoFurtherSegments) {
    for (int i = 0; i < 3; ++i) server().record(newAgents(700));  // each more than a segment
    store().record(newAgents(1));
    server().record(newAgents(1));
    expectSame(server(), store());
    std::size_t segments = 0;
    shared.objects.list("manifest/", [&](std::string_view, std::uint64_t) { ++segments; });
    EXPECT_GE(segments, 3U);
    shared.open(shared.store, "store");
    expectSame(server(), store());
}

TEST_F(SharedTest, WhatAKilledProgramLeftInTheManifestAloneIsEntered) {
    const auto records = newAgents(3);
    appendToManifestAlone(records);
    server().record(newAgents(1));
    EXPECT_TRUE(server().ledger().agentKey(std::get<AgentKeyRecord>(records[0]).agent));
    expectSame(server(), store());
}

TEST_F(SharedTest, WhatTheManifestLostIsRefused) {
    const std::uint64_t size = *shared.objects.size("manifest/0000000000000001");
    const Bytes before = readAll(shared.objects, "manifest/0000000000000001", size);
    server().record(newAgents(1));
    store().record(newAgents(1));
    shared.objects.put("manifest/0000000000000001", before);
    expectError(ErrorCode::untrusted, [&] { server().record(newAgents(1)); });
    EXPECT_FALSE(server().canWrite());
}

TEST_F(SharedTest, ALookThatFailsOnceBreaksNothing) {
    store().record(newAgents(1));
    shared.serverObjects.names = {"manifest/0000000000000001"};
    expectError(ErrorCode::ioError, [&] { server().refresh(); });
    shared.serverObjects.names.clear();
    server().record(newAgents(1));
    expectSame(server(), store());
}

TEST_F(SharedTest, ADeletedPackIsGoneForBoth) {
    const WrittenPack pack = send(store(), {small});
    server().refresh();
    server().removePacks([&] { return std::vector{pack.id}; });
    WriteSession session(store(), shared.agent.id, std::nullopt);
    EXPECT_FALSE(promised(session, small));
    expectSame(server(), store());
}

TEST_F(SharedTest, APackThatTheOtherCannotReadBecomesSuspect) {
    const WrittenPack pack = send(store(), {small});
    Bytes damaged = readAll(shared.objects, packName(pack.id), 1U << 20);
    damaged.resize(damaged.size() - 5);
    shared.objects.put(packName(pack.id), damaged);
    server().refresh();
    EXPECT_EQ(server().ledger().stateOf(pack.id), PackState::suspect);
    store().refresh();
    EXPECT_EQ(store().ledger().stateOf(pack.id), PackState::suspect);
    EXPECT_EQ(store().ledger().head(), server().ledger().head());
}

TEST_F(SharedTest, APackThatCannotBeReadJustNowIsTakenInLater) {
    const TestChunk other = dataChunk("other");
    const WrittenPack unreadable = send(store(), {small});
    send(store(), {other});
    const auto isFound = [&](const TestChunk& chunk) {
        const ChunkId asked = shared.id(chunk);
        return !server().index().find({&asked, 1})[0].empty();
    };
    shared.serverObjects.names = {packName(unreadable.id)};
    server().record(newAgents(1));
    EXPECT_TRUE(isFound(other));
    EXPECT_FALSE(isFound(small));
    EXPECT_EQ(server().ledger().stateOf(unreadable.id), PackState::received);
    shared.open(shared.server, "server");  // remembered for another time
    EXPECT_TRUE(isFound(other));
    EXPECT_FALSE(isFound(small));
    shared.serverObjects.names.clear();
    server().record(newAgents(1));
    EXPECT_TRUE(isFound(small));
    expectSame(server(), store());
}

TEST_F(SharedTest, TheKitCountsAsConfirmedForBoth) {
    MemoryStore objects, state;
    const MemoryFolder databases;
    RepositoryPlace place{objects, state, databases.path(), shared.clock};
    Repository::create(place);
    place.sharing = Sharing{databases.path(), "server", "index"};
    Repository one(place, Repository::Access::write);
    place.sharing = Sharing{databases.path(), "store", "index-store"};
    Repository other(place, Repository::Access::write);
    one.confirmKit(one.kit());
    other.refresh();
    EXPECT_TRUE(other.kitConfirmed());
}

TEST_F(SharedTest, SessionsOfBothAreKnownToBoth) {
    const GenerationHold one(server());
    const GenerationHold other(store());
    EXPECT_EQ(server().ledger().sessions().size(), 2U);
    EXPECT_EQ(store().ledger().sessions().size(), 2U);
}

TEST_F(SharedTest, WhatRunsInAProgramThatDiedIsForgotten) {
    store().running().begin({randomId<SessionId>(), shared.agent.id, 1});
    const RunningWork::Pin pin(store().running(), shared.id(top));
    server().running().forgetTheDead();  // it lives
    EXPECT_EQ(server().running().pinned().size(), 1U);
    shared.storeLock.reset();
    const GenerationHold mine(server());
    server().running().forgetTheDead();
    EXPECT_TRUE(server().running().pinned().empty());
    ASSERT_EQ(server().ledger().sessions().size(), 1U);
    EXPECT_EQ(server().ledger().sessions()[0].id, mine.session());
}

TEST_F(SharedTest, ASessionWhoseNoteIsLostCannotCommit) {
    WriteSession session(store(), shared.agent.id, std::nullopt);
    writePack(session, shared.keys(), std::vector{top});
    server().ledger().dropWork("store");
    expectError(ErrorCode::gone,
                [&] { session.commit(sealedSnapshot(shared.keys(), shared.id(top))); });
    EXPECT_TRUE(server().ledger().snapshots().empty());
    EXPECT_TRUE(store().canWrite());
}

// Else it would begin in between, and lose what it notes then.
TEST_F(SharedTest, ADeadProgramCannotBeginBeforeItsNotesAreForgotten) {
    store().running().begin({randomId<SessionId>(), shared.agent.id, 1});
    shared.storeLock.reset();
    SqlDatabase others(shared.databases / "repo.db", true);
    std::optional<SqlTransaction> writes(std::in_place, others);  // so the rows cannot go yet
    std::atomic<bool> over = false;
    ThreadScope threads;
    threads.start(
        [&] {
            // Again, as who looks at the lock may keep it from being taken.
            while (!server().ledger().sessions().empty()) server().running().forgetTheDead();
            over = true;
        },
        [&] { over = true; });
    const std::string lock = Sharing::lockOf(shared.databases.path(), "store");
    int looks = 0;
    while (looks < 100 && !over) looks = FileLock::isHeld(lock) ? looks + 1 : 0;
    EXPECT_EQ(looks, 100);
    writes.reset();
    threads.join();
}

TEST_F(SharedTest, OpeningForgetsWhatRanInTheProgramBefore) {
    const GenerationHold others(server());
    store().running().begin({randomId<SessionId>(), shared.agent.id, 1});
    shared.open(shared.store, "store");
    ASSERT_EQ(server().ledger().sessions().size(), 1U);
    EXPECT_EQ(server().ledger().sessions()[0].id, others.session());
}

TEST_F(SharedTest, PinsAndArrivalsOfOneAreKnownToTheOther) {
    const RunningWork::Arrival arrival(store().running(), "packs/ab/abc");
    EXPECT_TRUE(server().running().isArriving("packs/ab/abc"));
    expectError(ErrorCode::busy, [&] { RunningWork::Arrival(server().running(), "packs/ab/abc"); });
    {
        const RunningWork::Pin pin(store().running(), shared.id(top));
        EXPECT_EQ(server().running().pinned(), std::vector{shared.id(top)});
    }
    EXPECT_TRUE(server().running().pinned().empty());
}

TEST_F(SharedTest, OneObjectArrivesInOneOfThemAtATime) {
    std::atomic<int> inside = 0;
    std::atomic<bool> overlapped = false;
    ThreadScope threads;
    for (Repository* program : {&server(), &store()}) {
        threads.start([&, program] {
            for (int arrived = 0; arrived < 50;) {
                const auto refused = errorOf([&] {
                    const RunningWork::Arrival arrival(program->running(), "packs/ab/abc");
                    if (inside.fetch_add(1) != 0) overlapped = true;
                    std::this_thread::yield();
                    inside.fetch_sub(1);
                });
                if (!refused) ++arrived;
            }
        });
    }
    threads.join();
    EXPECT_FALSE(overlapped);
}

TEST_F(SharedTest, APruneThatCannotBeginDoesNotKeepTheNextOut) {
    const std::string lock = Sharing::lockOf(shared.databases.path(), "other");
    std::filesystem::create_directory(lock);  // so that nobody can take it
    server().ledger().noteWork(randomId<WorkId>(), "other", LedgerWork::pin, shared.id(top).view());
    EXPECT_TRUE(errorOf([&] { RunningWork::Prune(server().running()); }));
    std::filesystem::remove(lock);
    const RunningWork::Prune next(server().running());
}

TEST_F(SharedTest, OnlyOneOfThemPrunes) {
    const RunningWork::Prune first(store().running());
    expectError(ErrorCode::busy, [&] { RunningWork::Prune(server().running()); });
}

}  // namespace
}  // namespace coffer
