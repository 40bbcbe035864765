#include "core/repository/ledger.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <set>

#include "core/base/random.h"
#include "core/base/threads.h"
#include "tests/support/expect_error.h"
#include "tests/support/held_sync.h"
#include "tests/support/memory_folder.h"

namespace coffer {
namespace {

PackRecord packOf(const AgentId& agent) {
    return {{randomId<PackId>(), 1000, sha256({}), agent, randomId<Signature>()},
            randomId<SessionId>()};
}

SnapshotRecord snapshotOf(const AgentId& agent, bool hidden = false) {
    return {{randomId<SnapshotId>(), agent, randomId<DomainId>(), randomId<ChunkId>(),
             sha256(bytesOf("object")), hidden, randomId<Signature>()}};
}

/// A ledger, and a chain that is fed to it.
struct LedgerTest : testing::Test {
    MemoryFolder folder;
    RepositoryId repository = randomId<RepositoryId>();
    std::optional<Ledger> ledger{std::in_place, folder / "repo.db", repository};
    ManifestHead head;
    Timestamp time{5'000, 250};

    std::vector<ManifestRecord> next(const std::vector<ManifestPayload>& payloads) {
        std::vector<ManifestRecord> records;
        for (const ManifestPayload& payload : payloads) {
            records.push_back({head.sequence + 1, head.digest, time, payload});
            head = {head.sequence + 1, digestOf(records.back()), time};
        }
        return records;
    }
    void apply(const std::vector<ManifestPayload>& payloads) { ledger->apply(next(payloads)); }
    void reopen() {
        ledger.reset();
        ledger.emplace(folder / "repo.db", repository);
    }
};

TEST_F(LedgerTest, BeginsEmpty) {
    EXPECT_EQ(ledger->head(), ManifestHead{});
    EXPECT_TRUE(ledger->packs().empty());
    EXPECT_TRUE(ledger->snapshots().empty());
    EXPECT_TRUE(ledger->sessions().empty());
    EXPECT_FALSE(ledger->owner());
    EXPECT_FALSE(ledger->agentKey(randomId<AgentId>()));
    EXPECT_FALSE(ledger->agentOf(randomId<PackId>()));
    EXPECT_EQ(ledger->stateOf(randomId<PackId>()), PackState::gone);
    ledger->apply({});
}

// Another user who may write to the folder could have it lead to another database.
TEST_F(LedgerTest, IsNotOpenedThroughALink) {
    ledger.reset();
    namespace fs = std::filesystem;
    fs::create_symlink(folder / "repo.db", folder / "link.db");
    expectError(ErrorCode::permissionDenied, [&] { Ledger(folder / "link.db", repository); });
    fs::create_directory_symlink(folder.path(), folder / "link");
    expectError(ErrorCode::permissionDenied, [&] { Ledger(folder / "link/repo.db", repository); });
    reopen();
}

TEST_F(LedgerTest, KeepsWhatItWasTold) {
    const AgentKeyRecord agent{randomId<AgentId>(), randomId<VerifyKey>()};
    const PackRecord pack = packOf(agent.agent);
    const SnapshotRecord snapshot = snapshotOf(agent.agent, true);
    const OwnerRecord owner{randomId<OwnerId>(), 4};
    apply({GenesisRecord{repository, sha256({})}, agent, pack, snapshot, owner});
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(ledger->head(), head);
        EXPECT_EQ(ledger->agentKey(agent.agent), agent.key);
        const auto info = ledger->pack(pack.registration.pack);
        ASSERT_TRUE(info);
        EXPECT_EQ(info->state, PackState::received);
        EXPECT_EQ(info->session, pack.session);
        EXPECT_EQ(info->registration.statement(repository),
                  pack.registration.statement(repository));
        EXPECT_EQ(info->registration.signature, pack.registration.signature);
        EXPECT_EQ(ledger->agentOf(pack.registration.pack), agent.agent);
        const auto kept = ledger->snapshot(snapshot.registration.id);
        ASSERT_TRUE(kept);
        EXPECT_EQ(kept->committed, time);
        EXPECT_EQ(kept->registration.statement(repository),
                  snapshot.registration.statement(repository));
        EXPECT_EQ(kept->registration.signature, snapshot.registration.signature);
        ASSERT_TRUE(ledger->owner());
        EXPECT_EQ(ledger->owner()->owner, owner.owner);
        EXPECT_EQ(ledger->owner()->epoch, 4U);
        reopen();
    }
}

TEST_F(LedgerTest, AnswersWhileAChangeIsBeingWritten) {
    HeldSync disk;
    reopen();
    const AgentKeyRecord agent{randomId<AgentId>(), randomId<VerifyKey>()};
    const PackRecord pack = packOf(agent.agent);
    const SnapshotRecord before = snapshotOf(agent.agent);
    const SnapshotRecord fresh = snapshotOf(agent.agent);
    apply({agent, pack, before});
    const ManifestHead known = head;
    const auto records =
        next({PackStateRecord{pack.registration.pack, PackState::verified}, fresh});
    const auto expectAsBefore = [&] {
        EXPECT_EQ(ledger->snapshots().size(), 1U);
        EXPECT_EQ(ledger->provenSnapshots().size(), 0U);
        EXPECT_FALSE(ledger->snapshot(fresh.registration.id));
        EXPECT_EQ(ledger->proofSummary({}).unreadPacks, 1U);
        EXPECT_EQ(ledger->totals(PackState::received).packs, 1U);
        EXPECT_EQ(ledger->stateOf(pack.registration.pack), PackState::received);
        EXPECT_EQ(ledger->head(), known);
        EXPECT_FALSE(ledger->refresh());
    };
    EXPECT_TRUE(disk.holdDuring([&] { ledger->apply(records); }, expectAsBefore));
    EXPECT_EQ(ledger->snapshots().size(), 2U);
    EXPECT_EQ(ledger->provenSnapshots().size(), 2U);
    EXPECT_EQ(ledger->totals(PackState::verified).packs, 1U);
    EXPECT_EQ(ledger->head(), head);
    ledger.reset();
}

TEST_F(LedgerTest, AnswersWhileASessionIsBeingNoted) {
    HeldSync disk;
    reopen();
    const SessionInfo session{randomId<SessionId>(), randomId<AgentId>(), 7};
    EXPECT_TRUE(disk.holdDuring([&] { ledger->beginSession(session); },
                                [&] { EXPECT_TRUE(ledger->sessions().empty()); }));
    EXPECT_EQ(ledger->sessions().size(), 1U);
    ledger.reset();
}

TEST_F(LedgerTest, TakesInWhatIsNewWhileAChangeIsBeingWritten) {
    HeldSync disk;
    reopen();
    const AgentKeyRecord agent{randomId<AgentId>(), randomId<VerifyKey>()};
    const PackRecord pack = packOf(agent.agent);
    {
        Ledger other(folder / "repo.db", repository);
        other.apply(next({agent, pack}));
    }
    const SessionInfo session{randomId<SessionId>(), randomId<AgentId>(), 7};
    const auto expectNews = [&] {
        EXPECT_TRUE(ledger->refresh());
        EXPECT_EQ(ledger->head(), head);
        EXPECT_EQ(ledger->stateOf(pack.registration.pack), PackState::received);
        EXPECT_FALSE(ledger->refresh());
    };
    EXPECT_TRUE(disk.holdDuring([&] { ledger->beginSession(session); }, expectNews));
    apply({PackStateRecord{pack.registration.pack, PackState::verified}});
    EXPECT_EQ(ledger->totals(PackState::received).packs, 0U);
    EXPECT_EQ(ledger->totals(PackState::verified).packs, 1U);
    ledger.reset();
}

TEST_F(LedgerTest, RemembersEachChangeOnceBesideWhoTakesIn) {
    const AgentKeyRecord agent{randomId<AgentId>(), randomId<VerifyKey>()};
    apply({agent});
    std::atomic<bool> isOver = false;
    ThreadScope threads;
    threads.start([&] {
        while (!isOver) ledger->refresh();
    });
    for (int i = 0; i < 50; ++i) {
        const PackRecord pack = packOf(agent.agent);
        apply({pack});
        apply({PackStateRecord{pack.registration.pack, PackState::verified}});
        EXPECT_EQ(ledger->head(), head);
    }
    isOver = true;
    threads.join();
    EXPECT_FALSE(ledger->refresh());
    EXPECT_EQ(ledger->totals(PackState::verified).packs, 50U);
    EXPECT_EQ(ledger->totals(PackState::received).packs, 0U);
}

TEST_F(LedgerTest, FollowsPacksThroughTheirStates) {
    const AgentId agent = randomId<AgentId>();
    const PackRecord first = packOf(agent);
    const PackRecord second = packOf(agent);
    const PackId id = first.registration.pack;
    apply({first, second});
    for (const PackState state : {PackState::verified, PackState::suspect, PackState::condemned,
                                  PackState::received, PackState::gone}) {
        apply({PackStateRecord{id, state}});
        for (int round = 0; round < 2; ++round) {
            EXPECT_EQ(ledger->stateOf(id), state);
            EXPECT_EQ(ledger->pack(id)->state, state);
            EXPECT_EQ(ledger->packsIn(state).size(), state == PackState::received ? 2U : 1U);
            EXPECT_EQ(ledger->stateOf(second.registration.pack), PackState::received);
            EXPECT_EQ(ledger->packs().size(), state == PackState::gone ? 1U : 2U);
            reopen();
        }
    }
}

TEST_F(LedgerTest, KnowsWhatASnapshotMayCountOnUnproven) {
    const AgentId agent = randomId<AgentId>();
    const PackRecord received = packOf(agent);
    const PackRecord verified = packOf(agent);
    const PackRecord others = packOf(randomId<AgentId>());
    const PackRecord suspect = packOf(randomId<AgentId>());
    const PackRecord later = packOf(agent);
    const SnapshotRecord snapshot = snapshotOf(agent);
    EXPECT_TRUE(ledger->unprovenPacksOf(snapshot.registration.id).empty());
    apply({received, verified, others, suspect, snapshot, later});
    apply({PackStateRecord{verified.registration.pack, PackState::verified},
           PackStateRecord{suspect.registration.pack, PackState::suspect}});
    std::set<PackId> found;
    for (const PackInfo& info : ledger->unprovenPacksOf(snapshot.registration.id)) {
        found.insert(info.registration.pack);
    }
    EXPECT_EQ(found, (std::set{received.registration.pack, suspect.registration.pack}));
    EXPECT_TRUE(ledger->unprovenPacksOf(randomId<SnapshotId>()).empty());
}

TEST_F(LedgerTest, ListsPacksInOrderOfRegistration) {
    std::vector<PackId> ids;
    for (int i = 0; i < 20; ++i) {
        const PackRecord pack = packOf(randomId<AgentId>());
        ids.push_back(pack.registration.pack);
        apply({pack});
    }
    const auto all = ledger->packs();
    ASSERT_EQ(all.size(), 20U);
    for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(all[i].registration.pack, ids[i]);
    const auto late = ledger->packs(18);
    ASSERT_EQ(late.size(), 3U);
    EXPECT_EQ(late[0].registration.pack, ids[17]);
    EXPECT_TRUE(ledger->packs(21).empty());
}

TEST_F(LedgerTest, ListsSnapshotsUntilTheyAreForgotten) {
    const SnapshotRecord first = snapshotOf(randomId<AgentId>());
    const SnapshotRecord second = snapshotOf(randomId<AgentId>(), true);
    apply({first});
    time = time + 1;
    apply({second});
    ASSERT_EQ(ledger->snapshots().size(), 2U);
    EXPECT_EQ(ledger->snapshots()[0].registration.id, first.registration.id);
    EXPECT_EQ(ledger->snapshots()[1].committed, time);
    apply({ForgetRecord{first.registration.id}});
    ASSERT_EQ(ledger->snapshots().size(), 1U);
    EXPECT_EQ(ledger->snapshots()[0].registration.id, second.registration.id);
    EXPECT_FALSE(ledger->snapshot(first.registration.id));
}

TEST_F(LedgerTest, KeepsMarksAndTrashUntilTheSnapshotGoes) {
    const SnapshotRecord snapshot = snapshotOf(randomId<AgentId>());
    const SnapshotId id = snapshot.registration.id;
    const SnapshotMark mark{Timestamp{9'000, 1}, {"audit", "release"}};
    apply({snapshot});
    EXPECT_EQ(ledger->snapshot(id)->mark, SnapshotMark{});
    EXPECT_FALSE(ledger->snapshot(id)->due);
    apply({MarkRecord{id, {{}, {"old"}}}, MarkRecord{id, mark}, TrashRecord{id, {8'000, 2}}});
    for (int round = 0; round < 2; ++round) {
        ASSERT_EQ(ledger->snapshots().size(), 1U);
        EXPECT_EQ(ledger->snapshots()[0].mark, mark);
        EXPECT_EQ(ledger->snapshots()[0].due, (Timestamp{8'000, 2}));
        EXPECT_FALSE(ledger->snapshot(id)->isShown());
        reopen();
    }
    apply({UntrashRecord{id}});
    EXPECT_FALSE(ledger->snapshot(id)->due);
    EXPECT_EQ(ledger->snapshot(id)->mark, mark);
    apply({TrashRecord{id, {8'000, 2}}, ForgetRecord{id}, snapshot});
    EXPECT_EQ(ledger->snapshot(id)->mark, SnapshotMark{});
    EXPECT_FALSE(ledger->snapshot(id)->due);
}

TEST_F(LedgerTest, RegisteringAgainWipesTheMarks) {
    const SnapshotRecord snapshot = snapshotOf(randomId<AgentId>());
    const SnapshotId id = snapshot.registration.id;
    apply({snapshot, MarkRecord{id, {{}, {"old"}}}, TrashRecord{id, {8'000, 2}}, snapshot});
    EXPECT_EQ(ledger->snapshot(id)->mark, SnapshotMark{});
    EXPECT_TRUE(ledger->snapshot(id)->isShown());
}

TEST_F(LedgerTest, MarksAndTrashOfTheUnknownChangeNothing) {
    const SnapshotRecord snapshot = snapshotOf(randomId<AgentId>());
    const SnapshotId id = snapshot.registration.id;
    apply({MarkRecord{id, {{}, {"early"}}}, TrashRecord{id, {8'000, 2}}, UntrashRecord{id}});
    EXPECT_FALSE(ledger->snapshot(id));
    apply({snapshot});
    EXPECT_EQ(ledger->snapshot(id)->mark, SnapshotMark{});
    EXPECT_TRUE(ledger->snapshot(id)->isShown());
}

TEST_F(LedgerTest, RefusesRecordsThatDoNotFollow) {
    apply({packOf(randomId<AgentId>())});
    const ManifestHead before = head;
    const auto second = next({packOf(randomId<AgentId>())});
    const auto third = next({packOf(randomId<AgentId>())});
    expectError(ErrorCode::conflict, [&] { ledger->apply(third); });  // a gap
    ledger->apply(second);
    expectError(ErrorCode::conflict, [&] { ledger->apply(second); });  // once more
    head = before;
    time = time + 7;
    const auto other = next({packOf(randomId<AgentId>())});
    ledger->apply(third);
    head.sequence += 1;
    const auto forked = next({packOf(randomId<AgentId>())});  // of another history
    expectError(ErrorCode::conflict, [&] { ledger->apply(other); });
    expectError(ErrorCode::conflict, [&] { ledger->apply(forked); });
    EXPECT_EQ(ledger->head().sequence, 3U);
    EXPECT_EQ(ledger->packs().size(), 3U);
}

TEST_F(LedgerTest, TakesAllRecordsOrNone) {
    {
        SqlDatabase raw(folder / "repo.db", false);
        raw.execute(
            "CREATE TRIGGER broken BEFORE INSERT ON snapshots BEGIN"
            " SELECT RAISE(ABORT, 'broken'); END");
    }
    reopen();
    const PackRecord pack = packOf(randomId<AgentId>());
    const auto records = next({pack, snapshotOf(randomId<AgentId>())});
    EXPECT_TRUE(errorOf([&] { ledger->apply(records); }));
    EXPECT_EQ(ledger->head(), ManifestHead{});
    EXPECT_TRUE(ledger->packs().empty());
    EXPECT_EQ(ledger->stateOf(pack.registration.pack), PackState::gone);
    EXPECT_TRUE(ledger->packsIn(PackState::received).empty());
    reopen();
    EXPECT_EQ(ledger->head(), ManifestHead{});
    EXPECT_TRUE(ledger->packs().empty());
}

TEST_F(LedgerTest, KeepsSessionsUntilTheyEnd) {
    const SessionInfo first{randomId<SessionId>(), randomId<AgentId>(), 7};
    const SessionInfo second{randomId<SessionId>(), randomId<AgentId>(), 8};
    ledger->beginSession(first);
    ledger->beginSession(second);
    reopen();
    EXPECT_EQ(ledger->sessions().size(), 2U);
    ledger->endSession(first.id);
    ASSERT_EQ(ledger->sessions().size(), 1U);
    EXPECT_EQ(ledger->sessions()[0].id, second.id);
    EXPECT_EQ(ledger->sessions()[0].agent, second.agent);
    EXPECT_EQ(ledger->sessions()[0].generation, 8U);
    ledger->endSession(first.id);
}

TEST_F(LedgerTest, OfAnotherRepositoryIsRefused) {
    apply({packOf(randomId<AgentId>())});
    ledger.reset();
    expectError(ErrorCode::conflict, [&] { Ledger(folder / "repo.db", randomId<RepositoryId>()); });
    reopen();
    EXPECT_EQ(ledger->packs().size(), 1U);
}

}  // namespace
}  // namespace coffer
