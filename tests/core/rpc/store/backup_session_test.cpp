#include "core/rpc/store/backup_session.h"

#include "core/base/random.h"
#include "tests/core/rpc/store/backup_session_fixture.h"
#include "tests/support/expect_error.h"

namespace coffer::rpc {
namespace {

TEST_F(BackupSessionTest, TakesAPackAndASnapshot) {
    const auto session = begin();
    const MadePack pack = send(session, "tree");
    EXPECT_EQ(missing(session, {pack.chunks[0], randomId<ChunkId>()}),
              (std::vector<bool>{false, true}));
    const SealedSnapshot snapshot = sealedSnapshot(keys(), pack.chunks[0]);
    const Timestamp committed = commit(session, snapshot);
    EXPECT_EQ(ledger().snapshot(snapshot.registration.id)->committed, committed);
    EXPECT_EQ(fixture.provider.changes, 0);
    session->close();
    EXPECT_EQ(fixture.provider.changes, 1);  // now it is verified
    EXPECT_EQ(fixture.sessions.count(), 0U);
    EXPECT_TRUE(ledger().sessions().empty());
}

TEST_F(BackupSessionTest, EveryStepCanBeRepeated) {
    const auto session = begin();
    const PackId id = open(session);
    const MadePack pack = makePack(id, keys(), "tree");
    const ByteView octets = pack.octets;
    append(session, id, 0, octets.first(1'000));
    append(session, id, 0, octets.first(1'000));
    append(session, id, 1'000, octets.subspan(1'000));
    append(session, id, 1'000, octets.subspan(1'000));
    append(session, id, 500, octets.subspan(500, 600));  // is there
    finish(session, pack.registration);
    finish(session, pack.registration);
    EXPECT_EQ(ledger().packs().size(), 1U);
    const SealedSnapshot snapshot = sealedSnapshot(keys(), pack.chunks[0]);
    const Timestamp committed = commit(session, snapshot);
    EXPECT_EQ(commit(session, snapshot), committed);
    EXPECT_EQ(ledger().snapshots().size(), 1U);
    // In another session too: the answer was lost, and then the session.
    const auto later = begin();
    finish(later, pack.registration);
    EXPECT_EQ(commit(later, snapshot), committed);
}

TEST_F(BackupSessionTest, SlicesFollowOneAnother) {
    const auto session = begin();
    const PackId id = open(session);
    const MadePack pack = makePack(id, keys(), "tree");
    const ByteView octets = pack.octets;
    append(session, id, 0, octets.first(1'000));
    Bytes other = coffer::toBytes(octets.first(1'000));
    other.back() ^= 1;
    expectError(ErrorCode::conflict, [&] { append(session, id, 0, other); });
    expectError(ErrorCode::conflict, [&] { append(session, id, 1'001, octets.subspan(1'001)); });
    expectError(ErrorCode::conflict, [&] { append(session, id, 999, octets.subspan(999, 2)); });
    expectError(ErrorCode::conflict, [&] { append(session, id, ~std::uint64_t{0}, octets); });
    // Nothing of that did any harm.
    append(session, id, 1'000, octets.subspan(1'000));
    finish(session, pack.registration);
}

TEST_F(BackupSessionTest, RefusesWhatIsTooLarge) {
    const auto session = begin();
    const PackId id = open(session);
    append(session, id, 0, Bytes(longestSlice));
    expectError(ErrorCode::invalidArgument,
                [&] { append(session, id, longestSlice, Bytes(longestSlice + 1)); });
    missing(session, std::vector<ChunkId>(mostAsked));
    expectError(ErrorCode::invalidArgument,
                [&] { missing(session, std::vector<ChunkId>(mostAsked + 1)); });
    const Bytes half(33);
    expectError(ErrorCode::invalidArgument, [&] {
        call("missing", [&] { const Coffer::Flags_var flags = session->missing(lend(half)); });
    });
    SealedSnapshot snapshot = sealedSnapshot(keys(), randomId<ChunkId>());
    snapshot.object.resize(snapshotLimit + 1);
    expectError(ErrorCode::limitExceeded, [&] { commit(session, snapshot); });
    EXPECT_TRUE(missing(session, {}).empty());
}

TEST_F(BackupSessionTest, RefusesIdsOfAWrongLength) {
    const auto session = begin();
    const auto refused = [&](const std::function<void()>& work) {
        expectError(ErrorCode::invalidArgument, [&] { call("call", work); });
    };
    refused([&] { session->append(lend(Bytes(15)), 0, lend(Bytes(1))); });
    refused([&] { session->append(Coffer::Octets(), 0, lend(Bytes(1))); });
    Coffer::PackEntry pack = toEntry(PackRegistration());
    pack.signature.length(63);
    refused([&] { session->finishPack(pack); });
    Coffer::SnapshotEntry snapshot = toEntry(SnapshotRegistration());
    snapshot.root.length(31);
    refused([&] { session->commit(snapshot, Coffer::Octets()); });
    Coffer::BackupTerms_var terms;
    CORBA::Boolean pinned = false;
    const Bytes token = fixture.backupToken();
    refused([&] {
        const Coffer::BackupSession_var begun =
            fixture.store->beginBackup(lend(token), lend(Bytes(15)), terms.out(), pinned);
    });
}

TEST_F(BackupSessionTest, APackThatIsNotOpenIsNotFound) {
    const auto session = begin();
    expectError(ErrorCode::notFound, [&] { append(session, randomId<PackId>(), 0, Bytes(1)); });
    const PackId id = open(session);
    const MadePack pack = makePack(randomId<PackId>(), keys(), "tree");
    expectError(ErrorCode::notFound, [&] { finish(session, pack.registration); });
    // That of another session neither.
    const auto other = begin();
    expectError(ErrorCode::notFound, [&] { append(other, id, 0, Bytes(1)); });
}

TEST_F(BackupSessionTest, WhatIsRefusedIsDropped) {
    const auto session = begin();
    const PackId id = open(session);
    const MadePack pack = makePack(id, keys(), "tree");
    append(session, id, 0, pack.octets);
    PackRegistration forged = pack.registration;
    forged.signature.bytes[3] ^= 1;
    expectError(ErrorCode::untrusted, [&] { finish(session, forged); });
    expectError(ErrorCode::notFound, [&] { finish(session, pack.registration); });
    EXPECT_TRUE(ledger().packs().empty());
    EXPECT_EQ(fixture.provider.changes, 0);
}

TEST_F(BackupSessionTest, ThePackThatNobodyKnowsOfMakesRoom) {
    const auto session = begin();
    const PackId first = open(session);
    append(session, first, 0, Bytes(10));
    const PackId lost = open(session);
    const PackId third = open(session);
    const PackId fourth = open(session);  // there are three at most
    append(session, third, 0, Bytes(10));
    append(session, fourth, 0, Bytes(10));
    expectError(ErrorCode::notFound, [&] { append(session, lost, 0, Bytes(10)); });
    const auto full = errorOf([&] { open(session); });
    ASSERT_TRUE(full);
    EXPECT_EQ(full->code(), ErrorCode::limitExceeded);
    EXPECT_GT(full->retryAfter(), 0U);
    append(session, first, 10, Bytes(10));
}

TEST_F(BackupSessionTest, EndsWithItsLease) {
    const auto session = begin();
    fixture.clock.advance(storeLeases.seconds - 1);
    session->keepAlive();
    fixture.clock.advance(storeLeases.seconds - 1);
    const PackId id = open(session);
    append(session, id, 0, Bytes(10));
    fixture.clock.advance(storeLeases.seconds);
    expectError(ErrorCode::gone, [&] { open(session); });
    EXPECT_EQ(fixture.sessions.count(), 0U);
    EXPECT_TRUE(ledger().sessions().empty());
}

// A worker that was killed leaves its session behind; it would hold back a prune.
TEST_F(BackupSessionTest, EndsWithTheNextAttemptAtItsRun) {
    RunGrant grant = fixture.grant(RunGrant::Kind::backup);
    grant.attempt = 1;
    const auto first = begin(fixture.tokens.issue(grant));
    const auto again = begin(fixture.tokens.issue(grant));  // as the answer was lost
    first->keepAlive();
    EXPECT_EQ(ledger().sessions().size(), 2U);
    RunGrant other = grant;
    other.run = 8;
    const auto beside = begin(fixture.tokens.issue(other));
    grant.attempt = 2;
    const auto second = begin(fixture.tokens.issue(grant));
    expectError(ErrorCode::gone, [&] { open(first); });
    EXPECT_EQ(ledger().sessions().size(), 2U);
    beside->keepAlive();
    open(second);
    grant.attempt = 1;  // comes late
    expectError(ErrorCode::gone, [&] { begin(fixture.tokens.issue(grant)); });
}

TEST_F(BackupSessionTest, CommitsUnderTheIdOfItsRunAndWithItsTags) {
    RunGrant grant = fixture.grant(RunGrant::Kind::backup);
    const auto id = randomId<SnapshotId>();
    grant.snapshot = id.hex();
    grant.tags = {"release", "nightly"};
    const auto session = begin(fixture.tokens.issue(grant));
    const ChunkId root = send(session, "tree").chunks[0];
    expectError(
        ErrorCode::conflict, [&] { commit(session, sealedSnapshot(keys(), root)); }, id.hex());
    const SealedSnapshot settled = sealSnapshot(keys(), id, root, false, bytesOf("body"));
    commit(session, settled);
    commit(session, settled);  // as the answer was lost
    EXPECT_EQ(ledger().snapshot(id)->mark.tags, (std::vector<std::string>{"nightly", "release"}));
    // No other attempt makes a second one.
    const auto next = begin(fixture.tokens.issue(grant));
    const ChunkId another = send(next, "another tree").chunks[0];
    expectError(ErrorCode::conflict,
                [&] { commit(next, sealSnapshot(keys(), id, another, false, bytesOf("body"))); });
    EXPECT_EQ(ledger().snapshots().size(), 1U);
}

class FewQuestions : public BackupSessionTest {
  protected:
    FewQuestions() : BackupSessionTest({.asked = 5}) {}
};

TEST_F(FewQuestions, GuessingEnds) {
    const auto session = begin();
    const std::vector<ChunkId> guesses(3);
    EXPECT_EQ(missing(session, guesses).size(), 3U);
    expectError(ErrorCode::limitExceeded, [&] { missing(session, guesses); });
    expectError(ErrorCode::limitExceeded, [&] { missing(session, {ChunkId()}); });
    EXPECT_EQ(missing(begin(), guesses).size(), 3U);
}

class SmallBacklog : public BackupSessionTest {
  protected:
    SmallBacklog() : BackupSessionTest({.openPacks = 8, .unverified = 250'000}) {}
};

TEST_F(SmallBacklog, SendersWaitUntilPacksAreVerified) {
    const auto session = begin();
    PackId id = open(session);
    EXPECT_EQ(append(session, id, 0, Bytes(1)), 0U);
    EXPECT_EQ(fixture.provider.changes, 0);
    for (int i = 0; i < 4; ++i) send(session, "tree " + std::to_string(i));
    EXPECT_GT(fixture.provider.changes, 0);  // too much to wait for the end
    id = open(session);
    // Looked at every 8 MiB.
    append(session, id, 0, Bytes(4U << 20));
    const CORBA::ULong wait = append(session, id, 4U << 20, Bytes(4U << 20));
    EXPECT_GT(wait, 50U);
    EXPECT_LT(wait, 5'000U);
    send(session, "tree 5");
    append(session, id, 8U << 20, Bytes(1));
    const auto refused = errorOf([&] { append(session, id, (8U << 20) + 1, Bytes(1)); });
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code(), ErrorCode::limitExceeded);
    EXPECT_GT(refused->retryAfter(), 0U);
    for (const PackInfo& pack : ledger().packs()) {
        setPackState(*fixture.pipeline.repository, pack.registration.pack, PackState::verified);
    }
    EXPECT_EQ(append(session, id, (8U << 20) + 1, Bytes(1)), 0U);
}

}  // namespace
}  // namespace coffer::rpc
