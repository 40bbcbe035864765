#include "core/rpc/store/backup_session.h"

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/repository/pack_format.h"
#include "core/rpc/convert.h"
#include "core/rpc/store/forms.h"
#include "tests/core/rpc/store/store_fixture.h"
#include "tests/support/expect_error.h"
#include "tests/support/test_repository.h"

namespace coffer::rpc {
namespace {

/// A pack as an agent makes it, before it is sent.
struct MadePack {
    Bytes octets;
    PackRegistration registration;
    std::vector<ChunkId> chunks;
};

class CollectingUpload : public PackUpload {
  public:
    CollectingUpload(const PackId& id, MadePack& to) : id_(id), to_(to) {}
    PackId id() const override { return id_; }
    void append(ByteView slice) override { coffer::append(to_.octets, slice); }
    void finish(const PackRegistration& registration) override { to_.registration = registration; }

  private:
    const PackId id_;
    MadePack& to_;
};

class BackupSessionTest : public testing::Test {
  protected:
    explicit BackupSessionTest(const StoreLimits& limits = {.openPacks = 3}) : fixture(limits) {}

    Coffer::BackupSession_var begin(const Bytes& token) {
        Coffer::BackupTerms_var terms;
        CORBA::Boolean pinned = false;
        Coffer::BackupSession_var session;
        call("begin", [&] {
            session =
                fixture.store->beginBackup(lend(token), Coffer::Octets(), terms.out(), pinned);
        });
        return session;
    }
    Coffer::BackupSession_var begin() { return begin(fixture.backupToken()); }

    AgentKeys keys() const {
        return fixture.pipeline.repository->agentKeys(fixture.pipeline.agent);
    }

    MadePack makePack(const PackId& id, const AgentKeys& agent, const std::string& content,
                      std::size_t size = 100'000) {
        MadePack made;
        PackWriter writer(agent, std::make_unique<CollectingUpload>(id, made));
        TestChunk chunk = treeChunk(content, {});
        coffer::append(chunk.content, coffer::noise(size, 3));
        made.chunks.push_back(idOf(agent, chunk));
        addBlock(writer, agent, std::vector<TestChunk>{chunk});
        writer.finish();
        return made;
    }

    PackId open(const Coffer::BackupSession_var& at) {
        Coffer::Octets_var id;
        call("open", [&] { id = at->openPack(); });
        return toId<PackId>(id);
    }
    CORBA::ULong append(const Coffer::BackupSession_var& at, const PackId& id, std::uint64_t offset,
                        ByteView slice) {
        return call("append", [&] { return at->append(toOctets(id), offset, lend(slice)); });
    }
    void finish(const Coffer::BackupSession_var& at, const PackRegistration& registration) {
        call("finish", [&] { at->finishPack(toEntry(registration)); });
    }
    Timestamp commit(const Coffer::BackupSession_var& at, const SealedSnapshot& snapshot) {
        return call("commit", [&] {
            return toTimestamp(at->commit(toEntry(snapshot.registration), lend(snapshot.object)));
        });
    }
    MadePack send(const Coffer::BackupSession_var& at, const std::string& content) {
        const PackId id = open(at);
        MadePack made = makePack(id, keys(), content);
        append(at, id, 0, made.octets);
        finish(at, made.registration);
        return made;
    }
    std::vector<bool> missing(const Coffer::BackupSession_var& at, std::vector<ChunkId> ids) {
        Coffer::Flags_var flags;
        call("missing", [&] { flags = at->missing(lendIds(ids)); });
        std::vector<bool> answer;
        for (CORBA::ULong i = 0; i < flags->length(); ++i) answer.push_back(flags[i]);
        return answer;
    }

    Ledger& ledger() { return fixture.pipeline.repository->ledger(); }

    StoreFixture fixture;
};

TEST_F(BackupSessionTest, TakesAPackAndASnapshot) {
    const auto session = begin();
    const MadePack pack = send(session, "tree");
    EXPECT_EQ(fixture.provider.changes, 1);
    EXPECT_EQ(missing(session, {pack.chunks[0], randomId<ChunkId>()}),
              (std::vector<bool>{false, true}));
    const SealedSnapshot snapshot = sealedSnapshot(keys(), pack.chunks[0]);
    const Timestamp committed = commit(session, snapshot);
    EXPECT_EQ(fixture.provider.changes, 2);
    EXPECT_EQ(ledger().snapshot(snapshot.registration.id)->committed, committed);
    session->close();
    EXPECT_EQ(fixture.sessions.count(), 0U);
    EXPECT_TRUE(ledger().sessions().empty());
}

TEST_F(BackupSessionTest, TellsTheKeysOfTheAgentsDomainAndNoOther) {
    Coffer::BackupTerms_var terms;
    CORBA::Boolean pinned = true;
    const Bytes token = fixture.backupToken();
    const Coffer::BackupSession_var session =
        fixture.store->beginBackup(lend(token), Coffer::Octets(), terms.out(), pinned);
    EXPECT_FALSE(pinned);
    const AgentKeys told = toKeys(terms, fixture.pipeline.agent);
    EXPECT_EQ(told.repositoryId, keys().repositoryId);
    EXPECT_EQ(told.epoch, keys().epoch);
    EXPECT_EQ(told.content, keys().content);
    EXPECT_EQ(told.metadata, keys().metadata);
    EXPECT_EQ(told.domain.id, keys().domain.id);
    EXPECT_EQ(told.domain.key, keys().domain.key);
    EXPECT_EQ(told.domain.seed, keys().domain.seed);
    EXPECT_EQ(toChunker(terms), fixture.pipeline.repository->config().chunker);
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

TEST_F(BackupSessionTest, OnlyTheAgentOfTheRunMayCall) {
    fixture.caller = StoreFixture::agent("agent-1");
    const auto session = begin();
    const PackId id = open(session);
    const MadePack pack = makePack(id, keys(), "tree");
    const SealedSnapshot snapshot = sealedSnapshot(keys(), pack.chunks[0]);
    const Bytes token = fixture.backupToken();
    const Caller strangers[] = {StoreFixture::agent("agent-2"),
                                StoreFixture::agent("agent-1", Role::client),
                                StoreFixture::agent("agent-1", Role::server),
                                {false, {}}};
    for (const Caller& stranger : strangers) {
        fixture.caller = stranger;
        const auto refused = [&](const std::function<void()>& work) {
            expectError(ErrorCode::permissionDenied, [&] { call("call", work); });
        };
        refused([&] { begin(token); });
        refused([&] { const Coffer::Octets_var ids = session->suspects(); });
        refused([&] { missing(session, {}); });
        refused([&] { open(session); });
        refused([&] { append(session, id, 0, pack.octets); });
        refused([&] { finish(session, pack.registration); });
        refused([&] { commit(session, snapshot); });
        refused([&] { session->keepAlive(); });
        refused([&] { session->close(); });
    }
    fixture.caller = StoreFixture::agent("agent-1");
    append(session, id, 0, pack.octets);
    finish(session, pack.registration);
    commit(session, snapshot);
    session->close();
}

TEST_F(BackupSessionTest, TokensAreChecked) {
    Bytes forged = fixture.backupToken();
    forged.back() ^= 1;
    expectError(ErrorCode::permissionDenied, [&] { begin(forged); });
    expectError(ErrorCode::permissionDenied, [&] { begin({}); });
    RunGrant grant = fixture.grant(RunGrant::Kind::restore);
    expectError(
        ErrorCode::permissionDenied, [&] { begin(fixture.tokens.issue(grant)); }, "kind");
    const Bytes token = fixture.backupToken();
    const auto session = begin(token);
    fixture.clock.advance(3'600);
    expectError(
        ErrorCode::permissionDenied, [&] { begin(token); }, "expired");
    EXPECT_EQ(fixture.sessions.count(), 1U);
}

TEST_F(BackupSessionTest, UnknownAgentsAndRepositoriesAreRefused) {
    RunGrant grant = fixture.grant(RunGrant::Kind::backup);
    grant.agentId = randomId<AgentId>();
    expectError(ErrorCode::untrusted, [&] { begin(fixture.tokens.issue(grant)); });
    grant.repository = "unknown";
    expectError(ErrorCode::notFound, [&] { begin(fixture.tokens.issue(grant)); });
    EXPECT_EQ(fixture.sessions.count(), 0U);
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

TEST_F(BackupSessionTest, OneAgentSeesNothingOfAnother) {
    const auto session = begin();
    const MadePack pack = send(session, "tree");
    const AgentIdentity other = AgentIdentity::random();
    fixture.pipeline.repository->enrol(other.id, other.sign.verifyKey());
    RunGrant grant = fixture.grant(RunGrant::Kind::backup);
    grant.agent = "agent-2";
    grant.agentId = other.id;
    const auto foreign = begin(fixture.tokens.issue(grant));
    EXPECT_EQ(missing(foreign, {pack.chunks[0]}), std::vector<bool>{true});
    // It can neither repeat nor take over what was sent, nor refer to it.
    expectError(ErrorCode::notFound, [&] { finish(foreign, pack.registration); });
    const AgentKeys otherKeys = fixture.pipeline.repository->agentKeys(other);
    expectError(ErrorCode::conflict,
                [&] { commit(foreign, sealedSnapshot(otherKeys, randomId<ChunkId>())); });
    // It cannot sign for the first agent.
    expectError(ErrorCode::untrusted,
                [&] { commit(foreign, sealedSnapshot(keys(), pack.chunks[0])); });
    const PackId id = open(foreign);
    const MadePack signedByFirst = makePack(id, keys(), "other");
    append(foreign, id, 0, signedByFirst.octets);
    expectError(ErrorCode::untrusted, [&] { finish(foreign, signedByFirst.registration); });
}

class SmallBacklog : public BackupSessionTest {
  protected:
    SmallBacklog() : BackupSessionTest({.openPacks = 8, .unverified = 250'000}) {}
};

TEST_F(SmallBacklog, SendersWaitUntilPacksAreVerified) {
    const auto session = begin();
    PackId id = open(session);
    EXPECT_EQ(append(session, id, 0, Bytes(1)), 0U);
    for (int i = 0; i < 4; ++i) send(session, "tree " + std::to_string(i));
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
