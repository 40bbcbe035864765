#include <functional>

#include "core/base/random.h"
#include "core/rpc/convert.h"
#include "core/rpc/store/forms.h"
#include "idl/blocks.hh"
#include "tests/core/rpc/store/remote_store_fixture.h"
#include "tests/support/expect_error.h"

namespace coffer::rpc {
namespace {

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
class LyingRestore : public POA_Coffer::BlockSession {
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
    Coffer::Octets* fetchSome(const Coffer::BlockNames&) override {
        return new Coffer::Octets(answer);
    }
    void keepAlive() override {}
    void close() override {}

    Coffer::Octets answer;  // to who asks for several blocks

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

TEST_F(MadeUp, AServerThatGivesOneBlockAtATimeIsAskedForNoMore) {
    const auto able = beginRestore();
    const ChunkId tree = *able->entries().at(0).node.tree;
    const auto blocks = able->plan({&tree, 1});
    Bytes sealed;
    EXPECT_TRUE(able->fetchSome(blocks, [&](std::span<const ByteView> all) {
        ASSERT_EQ(all.size(), 1U);
        sealed = coffer::toBytes(all[0]);
    }));
    EXPECT_EQ(sealed, able->fetch(blocks[0]));

    servant->restoreTerms.more.length(0);
    const auto older = beginRestore();
    EXPECT_FALSE(older->fetchSome(blocks, [](auto) { FAIL(); }));
    EXPECT_EQ(older->fetch(blocks[0]), sealed);
}

TEST_F(MadeUp, ABlockThatCannotBeHadIsToldWhenFetchedAlone) {
    const auto reading = beginRestore();
    const ChunkId tree = *reading->entries().at(0).node.tree;
    std::vector<PlannedBlock> blocks = reading->plan({&tree, 1});
    blocks.push_back(blocks[0]);
    blocks[1].access.pack = randomId<PackId>();
    EXPECT_FALSE(reading->fetchSome(blocks, [](auto) { FAIL(); }));
    expectError(ErrorCode::notFound, [&] { reading->fetch(blocks[1]); });
}

TEST_F(MadeUp, BlocksOfAWrongLengthEndTheRun) {
    LyingRestore* liar = nullptr;
    const CORBA::Object_var object = sessions.keep("made up", [&](const Lease&) {
        return liar = new LyingRestore(honest, [](Coffer::PlannedBlocks&) {});
    });
    servant->restoreSession = Coffer::RestoreSession::_narrow(object);
    const auto reading = beginRestore();
    const ChunkId tree = *reading->entries().at(0).node.tree;
    const auto blocks = reading->plan({&tree, 1});
    const CORBA::ULong length = blocks.at(0).place.sealedLength;
    for (const CORBA::ULong wrong : {0U, length - 1, length + 1}) {
        liar->answer.length(wrong);
        const auto error = errorOf([&] { reading->fetchSome(blocks, [](auto) { FAIL(); }); });
        ASSERT_TRUE(error) << wrong;
        EXPECT_EQ(error->code(), ErrorCode::corrupt);
        EXPECT_TRUE(error->endsRun());
    }
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
