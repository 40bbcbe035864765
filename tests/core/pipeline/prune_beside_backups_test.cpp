// A prune while backups run: what they were promised stays until they have ended.
#include "core/base/random.h"
#include "core/repository/generation_hold.h"
#include "tests/core/pipeline/prune_fixture.h"

namespace coffer {
namespace {

using PruneBeside = PruneFixture;

TEST_F(PruneBeside, DeletesNothingThatARunningBackupWasPromised) {
    const SnapshotId gone = backUp("gone", {large});
    Session session = begin();
    ASSERT_TRUE(promised(*session, large));
    setting->forget(gone);
    const PruneResult result = prune();
    EXPECT_EQ(result.unneeded.packs, 2U);
    EXPECT_EQ(result.deleted.packs, 0U);
    EXPECT_EQ(result.waiting.packs, 2U);
    EXPECT_TRUE(isThere(large));
}

TEST_F(PruneBeside, ACommitRevivesWhatWasPromisedAndCondemnedSince) {
    const SnapshotId gone = backUp("gone", {large});
    const PackId held = setting->ledger().packs()[0].registration.pack;
    Session session = begin();
    ASSERT_TRUE(promised(*session, large));
    setting->forget(gone);
    prune();
    ASSERT_EQ(setting->ledger().stateOf(held), PackState::condemned);
    commit(*session, "kept", {id(large)});
    EXPECT_EQ(setting->ledger().stateOf(held), PackState::received);
    EXPECT_EQ(totals(PackState::condemned).packs, 1U);  // the old root
    session.reset();
    EXPECT_EQ(prune().deleted.packs, 1U);
    EXPECT_TRUE(isThere(large));
}

TEST_F(PruneBeside, ACommitRevivesWhatListsReferTo) {
    Session first = begin();
    const TestChunk list = listChunk("list", {id(large)});
    const WrittenPack data = send(*first, {large});
    const WrittenPack lists = send(*first, {list});
    const SnapshotId gone = commit(*first, "gone", {id(list)});
    first.reset();
    verifyAll();
    Session session = begin();
    ASSERT_TRUE(promised(*session, list));
    setting->forget(gone);
    prune();
    ASSERT_EQ(stateOf(data), PackState::condemned);
    commit(*session, "kept", {id(list)});
    EXPECT_EQ(stateOf(lists), PackState::verified);
    EXPECT_EQ(stateOf(data), PackState::verified);
    session.reset();
    prune();
    EXPECT_TRUE(isThere(large));
}

TEST_F(PruneBeside, CondemnedChunksAreAskedForAgain) {
    const SnapshotId gone = backUp("gone", {large});
    const Session older = begin();
    setting->forget(gone);
    prune();
    EXPECT_FALSE(promised(*older, large));
    const Session later = begin();
    EXPECT_FALSE(promised(*later, large));
}

TEST_F(PruneBeside, TheNextPruneDeletesWhatTheBackupLeft) {
    const SnapshotId gone = backUp("gone", {large});
    Session session = begin();
    ASSERT_TRUE(promised(*session, large));
    setting->forget(gone);
    prune();
    session.reset();
    EXPECT_EQ(prune().deleted.packs, 2U);
    EXPECT_FALSE(isThere(large));
}

// It began after the condemnation, so nothing in the pack was promised to it.
TEST_F(PruneBeside, ALaterBackupHoldsNothingBack) {
    const SnapshotId gone = backUp("gone", {large});
    Session older = begin();
    setting->forget(gone);
    prune();
    const Session later = begin();
    older.reset();
    EXPECT_EQ(prune().deleted.packs, 2U);
}

TEST_F(PruneBeside, APinnedBaseIsNeededAlsoWhenItIsForgotten) {
    const SnapshotId base = backUp("base", {large});
    Session session = begin(base);
    ASSERT_TRUE(session->terms().basePinned);
    setting->forget(base);
    EXPECT_EQ(prune().unneeded.packs, 0U);
    // Taken over whole, by its root.
    const ChunkId root = id(treeChunk("root of base", {id(large)}));
    const SealedSnapshot same = sealedSnapshot(setting.keys(), root, "same");
    session->commit(same);
    session.reset();
    prune();
    EXPECT_TRUE(isThere(large));
}

TEST_F(PruneBeside, AForgottenSnapshotIsNoBase) {
    const SnapshotId base = backUp("base", {large});
    setting->forget(base);
    EXPECT_FALSE(begin(base)->terms().basePinned);
}

TEST_F(PruneBeside, LeavesWhatARunningBackupHasSent) {
    Session session = begin();
    const WrittenPack sent = send(*session, {large});
    backUp("meanwhile", {other});
    PruneSettings settings;
    settings.interrupted = true;
    EXPECT_EQ(prune(settings).unneeded.packs, 0U);
    commit(*session, "kept", sent.chunks);
    session.reset();
    EXPECT_EQ(prune(settings).unneeded.packs, 0U);
    EXPECT_TRUE(isThere(large));
}

// What hangs below a list of a pack that stays is not deleted, though no snapshot leads there.
TEST_F(PruneBeside, ListsThatMayBePromisedHoldWhatTheyReferTo) {
    const SnapshotId gone = backUp("gone", {large});
    const PackId data = setting->ledger().packs()[0].registration.pack;
    Session session = begin();
    ASSERT_TRUE(promised(*session, large));
    const TestChunk list = listChunk("list", {id(large)});
    send(*session, {list});
    setting->forget(gone);
    prune();
    EXPECT_EQ(setting->ledger().stateOf(data), PackState::received);
    // It is cut; the next one is told that the list is there.
    session.reset();
    Session next = begin();
    ASSERT_TRUE(promised(*next, list));
    prune();
    commit(*next, "kept", {id(list)});
    next.reset();
    prune();
    EXPECT_TRUE(isThere(large));
}

TEST_F(PruneBeside, SessionsOfAKilledServerAreForgotten) {
    const SnapshotId gone = backUp("gone", {large});
    setting->ledger().beginSession({randomId<SessionId>(), setting.agent.id, 1});
    setting->forget(gone);
    EXPECT_EQ(prune().deleted.packs, 0U);
    setting.open();
    EXPECT_EQ(prune().deleted.packs, 2U);
}

TEST_F(PruneBeside, AHoldPutsDeletionsOff) {
    const SnapshotId gone = backUp("gone", {large});
    setting->forget(gone);
    {
        const GenerationHold hold(*setting);
        EXPECT_EQ(prune().deleted.packs, 0U);
    }
    EXPECT_EQ(prune().deleted.packs, 2U);
}

// Whatever condemned it: as long as a snapshot needs it, it comes back and is not deleted.
TEST_F(PruneBeside, ACondemnedPackThatIsNeededComesBack) {
    Session session = begin();
    const WrittenPack data = send(*session, {large});
    commit(*session, "kept", data.chunks);
    session.reset();
    setPackState(*setting, data.id, PackState::condemned);
    EXPECT_EQ(prune().revived, 1U);
    EXPECT_EQ(stateOf(data), PackState::received);
    EXPECT_TRUE(isThere(large));
}

}  // namespace
}  // namespace coffer
