#include <gtest/gtest.h>

#include <functional>

#include "core/base/random.h"
#include "core/rpc/convert.h"
#include "core/rpc/store/forms.h"
#include "core/source/memory_source.h"
#include "core/source/memory_target.h"
#include "tests/core/rpc/store/forgetful_store.h"
#include "tests/core/rpc/store/store_fixture.h"
#include "tests/support/expect_error.h"

namespace coffer::rpc {
namespace {

/// Whole runs against a store that is elsewhere.
class RemoteStore : public testing::Test {
  protected:
    RemoteStore() {
        source.addFolder("/data");
        for (std::uint32_t i = 0; i < 8; ++i) {
            source.addFile(file(i), coffer::noise(400'000 + i, i));
        }
        source.addFolder("/data/sub");
        source.addFile("/data/sub/small", bytesOf("small"));
        request.host = "test";
        request.paths = {"/data"};
    }
    static std::string file(std::uint32_t number) { return "/data/f" + std::to_string(number); }

    std::unique_ptr<RemoteBackupStore> begin(Coffer::Store_ptr at, const StoreCalls& calls) {
        return std::make_unique<RemoteBackupStore>(
            at, fixture.backupToken(), fixture.pipeline.agent,
            [&](const RepositoryId& repository) {
                return baseOf(request, fixture.pipeline.scratch.path(), repository);
            },
            calls);
    }
    Snapshot backup(Coffer::Store_ptr at) {
        const auto store = begin(at, fixture.calls());
        basePinned = store->terms().basePinned;
        return fixture.pipeline.backup(source, request, *store);
    }
    void restore(RemoteRestoreStore& store, RestoreTarget& target) {
        fixture.pipeline.problems.clear();
        ProblemLog log(
            [&](const Problem& problem) { fixture.pipeline.problems.push_back(problem); });
        RunProgress progress;
        runRestore(store, store.domainKey(), store.entries().at(0).node, target, {false, 2},
                   progress, log, fixture.cancel);
    }
    void expectRestores(Coffer::Store_ptr at, const Snapshot& snapshot) {
        RemoteRestoreStore store(at, fixture.restoreToken(snapshot, {"/data"}), fixture.calls());
        EXPECT_EQ(store.entries().at(0).path, "/data");
        MemoryTarget target;
        restore(store, target);
        EXPECT_EQ(fixture.pipeline.problemText(), "");
        EXPECT_EQ(target.paths().size(), 10U);
        for (std::uint32_t i = 0; i < 8; ++i) {
            EXPECT_EQ(target.content("f" + std::to_string(i)), coffer::noise(400'000 + i, i));
        }
        EXPECT_EQ(coffer::textOf(target.content("sub/small")), "small");
    }
    void expectSound() {
        const VerifyResult result = fixture.pipeline.verify();
        EXPECT_TRUE(result.damaged.empty());
        EXPECT_TRUE(result.unregistered.empty());
        EXPECT_EQ(fixture.pipeline.problemText(), "");
    }

    StoreFixture fixture;
    MemorySource source;
    BackupRequest request;
    bool basePinned = false;
};

TEST_F(RemoteStore, BacksUpAndRestores) {
    const Snapshot snapshot = backup(fixture.store);
    EXPECT_EQ(snapshot.statistics.files, 9U);
    EXPECT_EQ(fixture.sessions.count(), 0U);
    EXPECT_GT(fixture.provider.changes, 1);
    expectRestores(fixture.store, snapshot);
    EXPECT_EQ(fixture.sessions.count(), 0U);
    expectSound();
}

TEST_F(RemoteStore, GoesOnFromItsBase) {
    EXPECT_FALSE(basePinned);
    const Snapshot first = backup(fixture.store);
    const std::uint64_t opened = source.filesOpened();
    source.addFile("/data/new", bytesOf("new"));
    const Snapshot second = backup(fixture.store);
    EXPECT_TRUE(basePinned);
    EXPECT_EQ(second.base, first.id);
    EXPECT_EQ(source.filesOpened(), opened + 1);
    EXPECT_EQ(fixture.sessions.count(), 0U);
    EXPECT_TRUE(fixture.pipeline.repository->ledger().sessions().empty());
}

TEST_F(RemoteStore, WhatIsDamagedIsHealed) {
    backup(fixture.store);
    for (const PackInfo& pack : fixture.pipeline.repository->ledger().packs()) {
        const ManifestPayload payload[] = {
            PackStateRecord{pack.registration.pack, PackState::suspect}};
        fixture.pipeline.repository->record(payload);
    }
    expectRestores(fixture.store, backup(fixture.store));
    EXPECT_GT(source.filesOpened(), 9U);
}

TEST_F(RemoteStore, LostAnswersChangeNothing) {
    Forgetful forgetful;
    LeaseKeeper fronts(fixture.poa, fixture.clock, storeLeases);
    PortableServer::Servant_var<ForgetfulStore> front =
        new ForgetfulStore(fixture.store, fronts, forgetful);
    fixture.orb.serve("Forgetful", front.in());
    const CORBA::Object_var object = fixture.orb.reachLocal("Forgetful");
    const Coffer::Store_var store = Coffer::Store::_narrow(object);
    const Snapshot snapshot = backup(store);
    EXPECT_GT(forgetful.calls(), 20U);
    EXPECT_EQ(fixture.pipeline.repository->ledger().snapshots().size(), 1U);
    expectRestores(store, snapshot);
    expectSound();
}

TEST_F(RemoteStore, AskedIdsMayBeMany) {
    const auto store = begin(fixture.store, fixture.calls());
    std::vector<ChunkId> ids(10'000);
    for (ChunkId& id : ids) id = randomId<ChunkId>();
    EXPECT_EQ(store->missing(ids), std::vector<bool>(ids.size(), true));
    EXPECT_TRUE(store->missing({}).empty());

    const Snapshot snapshot = backup(fixture.store);
    RemoteRestoreStore reading(fixture.store, fixture.restoreToken(snapshot), fixture.calls());
    const ChunkId root = *reading.entries().at(0).node.tree;
    const auto plan = reading.plan(std::vector<ChunkId>(40'000, root));
    std::vector<bool> seen(40'000);
    for (const PlannedBlock& block : plan) {
        for (const PlannedChunk& chunk : block.chunks) seen.at(chunk.request) = true;
    }
    EXPECT_EQ(seen, std::vector<bool>(40'000, true));
}

TEST_F(RemoteStore, ASessionThatIsGoneEndsTheRun) {
    const auto store = begin(fixture.store, fixture.calls());
    fixture.sessions.dropOwner("agent-1");
    const auto error = errorOf([&] { fixture.pipeline.backup(source, request, *store); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::gone);
    EXPECT_TRUE(error->endsRun());
    EXPECT_EQ(fixture.pipeline.problemText(), "");
    // The next one goes on.
    EXPECT_EQ(backup(fixture.store).statistics.files, 9U);

    const Snapshot snapshot = backup(fixture.store);
    RemoteRestoreStore reading(fixture.store, fixture.restoreToken(snapshot), fixture.calls());
    fixture.sessions.dropOwner("agent-1");
    MemoryTarget target;
    expectError(ErrorCode::gone, [&] { restore(reading, target); });
}

TEST_F(RemoteStore, RefusedTokensEndTheRunAtOnce) {
    Bytes forged = fixture.backupToken();
    forged.front() ^= 1;
    const auto error = errorOf([&] {
        RemoteBackupStore(
            fixture.store, forged, fixture.pipeline.agent,
            [](const RepositoryId&) { return std::nullopt; }, fixture.calls());
    });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::permissionDenied);
    EXPECT_TRUE(error->endsRun());
}

/// A server that cannot be reached any more.
class Unreachable : public POA_Coffer::BackupSession {
  public:
    Coffer::Octets* suspects() override { return new Coffer::Octets; }
    Coffer::Flags* missing(const Coffer::Octets&) override { fail(); }
    Coffer::Octets* openPack() override { fail(); }
    CORBA::ULong append(const Coffer::Octets&, CORBA::ULongLong, const Coffer::Octets&) override {
        fail();
    }
    void finishPack(const Coffer::PackEntry&) override { fail(); }
    Coffer::Moment commit(const Coffer::SnapshotEntry&, const Coffer::Octets&) override { fail(); }
    void keepAlive() override { fail(); }
    void close() override { fail(); }

  private:
    [[noreturn]] static void fail() { throw CORBA::TRANSIENT(0, CORBA::COMPLETED_NO); }
};

/// Answers with what the test gives it.
class MadeUpStore : public POA_Coffer::Store {
  public:
    explicit MadeUpStore(LeaseKeeper& sessions) : sessions_(sessions) {}

    Coffer::BackupSession_ptr beginBackup(const Coffer::Octets&, const Coffer::Octets&,
                                          Coffer::BackupTerms_out terms,
                                          CORBA::Boolean& basePinned) override {
        terms = new Coffer::BackupTerms(backupTerms);
        basePinned = false;
        const CORBA::Object_var made =
            sessions_.keep("made up", [](const Lease&) { return new Unreachable; });
        return Coffer::BackupSession::_narrow(made);
    }
    Coffer::RestoreSession_ptr beginRestore(const Coffer::Octets&,
                                            Coffer::RestoreTerms_out terms) override {
        terms = new Coffer::RestoreTerms(restoreTerms);
        return Coffer::RestoreSession::_duplicate(restoreSession);
    }

    Coffer::BackupTerms backupTerms;
    Coffer::RestoreTerms restoreTerms;
    Coffer::RestoreSession_var restoreSession;

  private:
    LeaseKeeper& sessions_;
};

/// A session whose plan is changed on its way.
class LyingRestore : public POA_Coffer::RestoreSession {
  public:
    using Lie = std::function<void(Coffer::PlannedBlocks&)>;
    LyingRestore(Coffer::RestoreSession_ptr session, Lie lie)
        : session_(Coffer::RestoreSession::_duplicate(session)), lie_(std::move(lie)) {}
    Coffer::PlannedBlocks* plan(const Coffer::Octets& ids) override {
        Coffer::PlannedBlocks_var blocks = session_->plan(ids);
        lie_(blocks);
        return blocks._retn();
    }
    Coffer::Octets* fetch(const Coffer::Octets&, CORBA::ULong) override {
        return new Coffer::Octets;
    }
    void keepAlive() override {}
    void close() override {}

  private:
    const Coffer::RestoreSession_var session_;
    const Lie lie_;
};

class MadeUp : public RemoteStore {
  protected:
    MadeUp() {
        snapshot = backup(fixture.store);
        Coffer::BackupTerms_var backupTerms;
        CORBA::Boolean pinned = false;
        const Bytes backupToken = fixture.backupToken();
        const Coffer::BackupSession_var backupSession = fixture.store->beginBackup(
            lend(backupToken), Coffer::Octets(), backupTerms.out(), pinned);
        Coffer::RestoreTerms_var restoreTerms;
        const Bytes token = fixture.restoreToken(snapshot, {"/data"});
        honest = fixture.store->beginRestore(lend(token), restoreTerms.out());
        servant->backupTerms = backupTerms;
        servant->restoreTerms = restoreTerms;
        servant->restoreSession = Coffer::RestoreSession::_duplicate(honest);
        fixture.orb.serve("MadeUp", servant.in());
        const CORBA::Object_var object = fixture.orb.reachLocal("MadeUp");
        store = Coffer::Store::_narrow(object);
    }

    std::unique_ptr<RemoteRestoreStore> beginRestore() {
        return std::make_unique<RemoteRestoreStore>(store, Bytes(), fixture.calls());
    }
    void expectRefused(ErrorCode code, const LyingRestore::Lie& lie) {
        const CORBA::Object_var liar =
            sessions.keep("made up", [&](const Lease&) { return new LyingRestore(honest, lie); });
        servant->restoreSession = Coffer::RestoreSession::_narrow(liar);
        const auto reading = beginRestore();
        const ChunkId tree = *reading->entries().at(0).node.tree;
        expectError(code, [&] { reading->plan({&tree, 1}); });
    }

    Snapshot snapshot;
    LeaseKeeper sessions{fixture.poa, fixture.clock, storeLeases};
    PortableServer::Servant_var<MadeUpStore> servant = new MadeUpStore(sessions);
    Coffer::RestoreSession_var honest;
    Coffer::Store_var store;
};

TEST_F(MadeUp, AServerOutOfReachEndsTheRunWhenPatienceIsOver) {
    const auto lost = begin(store, fixture.impatient());
    const auto error = errorOf([&] { fixture.pipeline.backup(source, request, *lost); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::unavailable);
    EXPECT_TRUE(error->endsRun());
}

TEST_F(MadeUp, AStopEndsTheWaitForAServerOutOfReach) {
    StoreCalls calls{fixture.cancel,
                     {std::chrono::hours(1), std::chrono::hours(1), std::chrono::hours(9)}};
    calls.waiting = [&](const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::unavailable);
        fixture.cancel.request();
    };
    const auto lost = begin(store, calls);
    expectError(ErrorCode::cancelled, [&] { lost->openPack(); });
}

TEST_F(MadeUp, TermsOfTheBackupAreChecked) {
    const auto refused = [&](ErrorCode code, const std::function<void(Coffer::BackupTerms&)>& lie) {
        const Coffer::BackupTerms before = servant->backupTerms;
        lie(servant->backupTerms);
        expectError(code, [&] { begin(store, fixture.calls()); });
        servant->backupTerms = before;
    };
    begin(store, fixture.calls());
    refused(ErrorCode::invalidArgument, [](auto& terms) { terms.repositoryId.length(15); });
    refused(ErrorCode::invalidArgument, [](auto& terms) { terms.contentKey.length(33); });
    refused(ErrorCode::invalidArgument, [](auto& terms) { terms.domainKey.length(0); });
    refused(ErrorCode::corrupt, [](auto& terms) { terms.chunkAverage = 0; });
    refused(ErrorCode::corrupt, [](auto& terms) { terms.chunkMaximum = 1U << 30; });
}

TEST_F(MadeUp, TermsOfTheRestoreAreChecked) {
    const auto refused = [&](ErrorCode code,
                             const std::function<void(Coffer::RestoreTerms&)>& lie) {
        const Coffer::RestoreTerms before = servant->restoreTerms;
        lie(servant->restoreTerms);
        expectError(code, [&] { beginRestore(); });
        servant->restoreTerms = before;
    };
    beginRestore();
    refused(ErrorCode::invalidArgument, [](auto& terms) { terms.domainKey.length(31); });
    refused(ErrorCode::invalidArgument, [](auto& terms) { terms.nodes[0].where = toPath("x/.."); });
    refused(ErrorCode::corrupt, [](auto& terms) { terms.nodes[0].node.length(3); });
    refused(ErrorCode::corrupt, [](auto& terms) { terms.nodes.length(0); });
    servant->restoreSession = Coffer::RestoreSession::_nil();
    expectError(ErrorCode::corrupt, [&] { beginRestore(); });
}

TEST_F(MadeUp, PlansAreChecked) {
    expectRefused(ErrorCode::corrupt, [](auto& plan) { plan.length(0); });
    expectRefused(ErrorCode::corrupt, [](auto& plan) { plan[0].chunks.length(0); });
    expectRefused(ErrorCode::corrupt, [](auto& plan) { plan[0].chunks[0].request = 1; });
    expectRefused(ErrorCode::corrupt, [](auto& plan) {
        plan.length(2);
        plan[1] = plan[0];
    });
    expectRefused(ErrorCode::corrupt,
                  [](auto& plan) { plan[0].chunks[0].offset = plan[0].rawLength; });
    expectRefused(ErrorCode::corrupt, [](auto& plan) { plan[0].chunks[0].length = 0xffffffff; });
    expectRefused(ErrorCode::corrupt, [](auto& plan) { plan[0].rawLength = 0xffffffff; });
    expectRefused(ErrorCode::corrupt, [](auto& plan) { plan[0].sealedLength = 0xffffffff; });
    expectRefused(ErrorCode::invalidArgument, [](auto& plan) { plan[0].key.length(16); });
    expectRefused(ErrorCode::invalidArgument, [](auto& plan) { plan[0].pack.length(0); });
    expectRefused(ErrorCode::unsupported, [](auto& plan) { plan[0].kind = "spoon"; });
    expectRefused(ErrorCode::unsupported, [](auto& plan) { plan[0].codec = 99; });
}

}  // namespace
}  // namespace coffer::rpc
