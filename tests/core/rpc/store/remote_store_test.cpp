#include "core/base/random.h"
#include "tests/core/rpc/store/forgetful_store.h"
#include "tests/core/rpc/store/remote_store_fixture.h"
#include "tests/support/expect_error.h"

namespace coffer::rpc {
namespace {

TEST_F(RemoteStore, BacksUpAndRestores) {
    const Snapshot snapshot = backup(fixture.store);
    EXPECT_EQ(snapshot.statistics.files, 9U);
    EXPECT_EQ(fixture.sessions.count(), 0U);
    EXPECT_EQ(fixture.provider.changes, 1);
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

}  // namespace
}  // namespace coffer::rpc
