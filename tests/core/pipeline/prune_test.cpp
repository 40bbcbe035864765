// What a prune keeps, copies and deletes when nothing else runs.
#include "core/base/random.h"
#include "core/pipeline/leftovers.h"
#include "core/repository/server_agent.h"
#include "core/snapshot/snapshot.h"
#include "tests/core/pipeline/prune_fixture.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

using Prune = PruneFixture;

TEST_F(Prune, ChangesNothingWhereAllIsNeeded) {
    backUp("one", {small, large});
    const std::uint64_t before = setting->ledger().head().sequence;
    const PruneResult result = prune();
    EXPECT_EQ(setting->ledger().head().sequence, before);
    EXPECT_EQ(result.before.packs, 2U);
    EXPECT_EQ(result.dead, 0U);
    EXPECT_TRUE(isThere(small));
}

TEST_F(Prune, DeletesWhatForgottenSnapshotsAloneNeeded) {
    const SnapshotId gone = backUp("gone", {large});
    backUp("kept", {other});
    setting->forget(gone);
    const PruneResult result = prune();
    EXPECT_EQ(result.unneeded.packs, 2U);
    EXPECT_EQ(result.deleted.packs, 2U);
    EXPECT_EQ(result.waiting.packs, 0U);
    EXPECT_FALSE(isThere(large));
    EXPECT_TRUE(isThere(other));
    EXPECT_EQ(objects("packs/"), 2U);
    EXPECT_EQ(setting->index().chunkCount(), 2U);
    EXPECT_EQ(prune().deleted.packs, 0U);
}

TEST_F(Prune, EmptiesNoTrash) {
    const SnapshotId trashed = backUp("trashed", {large});
    setting->trash(std::span(&trashed, 1), setting.clock.now());
    setting.clock.advance(1);
    EXPECT_EQ(prune().deleted.packs, 0U);
    EXPECT_TRUE(isThere(large));
    setting->untrash(std::span(&trashed, 1));
}

TEST_F(Prune, CopiesWhatIsNeededOutOfAPackThatIsMostlyDead) {
    Session session = begin();
    const WrittenPack both = send(*session, {small, large});
    const SnapshotId gone = commit(*session, "gone", both.chunks);
    commit(*session, "kept", {id(small)});
    session.reset();
    setting->forget(gone);
    const PruneResult result = prune();
    EXPECT_EQ(result.repacked.packs, 1U);
    EXPECT_EQ(result.written.packs, 1U);
    EXPECT_LT(result.written.bytes, 2'000U);
    EXPECT_EQ(stateOf(both), PackState::gone);
    EXPECT_TRUE(isThere(small));
    EXPECT_FALSE(isThere(large));
    // The copy is the server's own, and proved.
    const auto server = serverAgent(setting->config().repositoryId);
    const auto packs = setting->ledger().packs();
    EXPECT_EQ(packs.back().registration.agent, server);
    EXPECT_EQ(packs.back().state, PackState::verified);
    setting.removeLedger();
    setting.open();
    EXPECT_TRUE(isThere(small));
    EXPECT_EQ(prune().dead, 0U);
}

TEST_F(Prune, LeavesAPackThatIsDeadToASmallPart) {
    Session session = begin();
    const WrittenPack both = send(*session, {small, large});
    const SnapshotId gone = commit(*session, "gone", both.chunks);
    commit(*session, "kept", {id(large)});
    session.reset();
    setting->forget(gone);
    EXPECT_EQ(prune().repacked.packs, 0U);
    EXPECT_TRUE(isThere(small));
    PruneSettings thorough;
    thorough.repackAt = 1;
    // The small chunk is less than one percent; the root of what was forgotten is gone already.
    EXPECT_EQ(prune(thorough).repacked.packs, 0U);
}

TEST_F(Prune, ShowsBeforehandWhatItWouldDo) {
    Session session = begin();
    const WrittenPack both = send(*session, {small, large});
    const SnapshotId gone = commit(*session, "gone", both.chunks);
    commit(*session, "kept", {id(small)});
    session.reset();
    setting->forget(gone);
    setting.store.put(packName(randomId<PackId>()), noise(100, 3));
    setting.open(Repository::Access::read);
    const std::uint64_t before = setting->ledger().head().sequence;
    PruneSettings preview;
    preview.preview = true;
    const PruneResult shown = prune(preview);
    EXPECT_EQ(setting->ledger().head().sequence, before);
    EXPECT_EQ(objects("packs/"), 4U);
    setting.open();
    const PruneResult done = prune();
    EXPECT_EQ(shown.unneeded.packs, done.unneeded.packs);
    EXPECT_EQ(shown.repacked.packs, done.repacked.packs);
    EXPECT_EQ(shown.leftovers, done.leftovers);
    EXPECT_EQ(done.leftovers, 1U);
    EXPECT_EQ(shown.dead, done.dead);
}

TEST_F(Prune, FollowsTreesAndListsToTheirEnd) {
    Session session = begin();
    const TestChunk list = listChunk("list", {id(large)});
    const TestChunk above = listChunk("list of lists", {id(list)});
    const TestChunk folder = treeChunk("folder", {id(above), id(small)});
    send(*session, {large, small});
    send(*session, {list, above, folder});
    commit(*session, "deep", {id(folder)});
    session.reset();
    backUp("another", {other});
    PruneSettings settings;
    settings.interrupted = true;
    EXPECT_EQ(prune(settings).dead, 0U);
    for (const TestChunk& chunk : {large, small, list, above, folder}) {
        EXPECT_TRUE(isThere(chunk));
    }
}

// Who is told that a list is there counts on what it refers to, so unneeded ones go with it.
TEST_F(Prune, DeletesUnneededListsTogetherWithWhatTheyReferTo) {
    Session session = begin();
    const TestChunk list = listChunk("list", {id(large)});
    const TestChunk folder{ChunkKind::tree, noise(5'000, 4), {id(small)}};
    const WrittenPack data = send(*session, {large});
    send(*session, {small});
    const WrittenPack trees = send(*session, {list, folder});
    const SnapshotId gone = commit(*session, "gone", {id(list)});
    commit(*session, "kept", {id(folder)});
    session.reset();
    setting->forget(gone);
    PruneSettings lazy;
    lazy.repackAt = 100;
    prune(lazy);
    EXPECT_EQ(stateOf(trees), PackState::gone);
    EXPECT_EQ(stateOf(data), PackState::gone);
    EXPECT_FALSE(isThere(list));
    EXPECT_TRUE(isThere(folder));
    EXPECT_TRUE(isThere(small));
}

TEST_F(Prune, KeepsWhatABackupThatWasCutHasSent) {
    Session session = begin();
    const WrittenPack sent = send(*session, {large});
    session.reset();
    EXPECT_EQ(prune().interrupted.packs, 1U);
    EXPECT_EQ(stateOf(sent), PackState::received);
    PruneSettings settings;
    settings.interrupted = true;
    EXPECT_EQ(prune(settings).deleted.packs, 1U);
    EXPECT_EQ(stateOf(sent), PackState::gone);
}

TEST_F(Prune, KeepsItNoLongerThanToTheNextSnapshotOfTheAgent) {
    const WrittenPack sent = send(*begin(), {large});
    backUp("next", {other});
    EXPECT_EQ(prune().deleted.packs, 1U);
    EXPECT_EQ(stateOf(sent), PackState::gone);
}

TEST_F(Prune, KeepsOneOfSeveralProvenCopies) {
    const SnapshotId first = backUp("first", {large, small});
    Session session = begin();
    const WrittenPack again = send(*session, {large, small});
    commit(*session, "second", again.chunks);
    session.reset();
    // As long as nobody has looked into them, all copies stay.
    EXPECT_EQ(prune().deleted.packs, 0U);
    verifyAll();
    const PruneResult result = prune();
    EXPECT_EQ(result.deleted.packs, 1U);
    EXPECT_EQ(stateOf(again), PackState::verified);
    EXPECT_TRUE(isThere(large));
    EXPECT_TRUE(setting->ledger().snapshot(first));
}

// Another agent's word does not replace what is needed before somebody has checked it.
TEST_F(Prune, DoesNotTakeAnUnprovenCopyForTheRealOne) {
    backUp("honest", {large});
    const AgentKeys liar = setting.newAgent();
    WriteSession session(*setting, liar.agentId, std::nullopt);
    std::unique_ptr<PackUpload> upload = session.openPack();
    PackWriter writer(liar, std::move(upload));
    Bytes raw;
    BlockContent content = contentOf(liar, std::vector<TestChunk>{small}, raw);
    content.chunks[0].id = id(large);  // claims to be what it is not
    Compressor compressor(1);
    writer.add(std::move(content), compressor.compress(raw));
    writer.finish();
    prune();
    EXPECT_TRUE(isThere(large));
}

TEST_F(Prune, DeletesNothingWhenSomethingNeededCannotBeRead) {
    Session session = begin();
    const WrittenPack lost = send(*session, {small});
    commit(*session, "damaged", lost.chunks);
    session.reset();
    const SnapshotId gone = backUp("gone", {large});
    setting->forget(gone);
    setting.store.remove(packName(lost.id));
    setting.open();
    const std::size_t before = objects("packs/");
    expectError(ErrorCode::corrupt, [&] { prune(); });
    EXPECT_EQ(objects("packs/"), before);
}

TEST_F(Prune, RemovesObjectsThatNoRecordNames) {
    backUp("one", {small});
    setting.store.put(packName(randomId<PackId>()), noise(100, 3));
    setting.store.put(snapshotName(randomId<SnapshotId>()), noise(50, 3));
    setting.store.put("packs/readme", noise(10, 3));
    const PruneResult result = prune();
    EXPECT_EQ(result.leftovers, 2U);
    EXPECT_EQ(result.leftoverBytes, 150U);
    EXPECT_EQ(objects("packs/"), 3U);  // two packs, and what is none of ours
    EXPECT_EQ(objects("snapshots/"), 1U);
}

TEST_F(Prune, LeavesObjectsThatAreJustArriving) {
    const std::string name = packName(randomId<PackId>());
    setting.store.put(name, noise(100, 3));
    {
        const RunningWork::Arrival arrival(setting->running(), name);
        EXPECT_TRUE(findLeftovers(*setting).empty());
    }
    EXPECT_EQ(findLeftovers(*setting).size(), 1U);
}

TEST_F(Prune, DropsCheckpointsThatTheirAgentHasPassed) {
    const Session session = begin();
    const auto checkpoint = [&](bool hidden, const std::string& path) {
        Snapshot snapshot;
        snapshot.paths = {path};
        const TestChunk root = treeChunk("root of " + path + (hidden ? "!" : ""), {});
        send(*session, {root});
        const auto sealed = sealSnapshot(setting.keys(), randomId<SnapshotId>(), id(root), hidden,
                                         snapshot.encodeBody());
        session->commit(sealed);
        return sealed.registration.id;
    };
    const SnapshotId passed = checkpoint(true, "/home");
    const SnapshotId open = checkpoint(true, "/srv");
    const SnapshotId done = checkpoint(false, "/home");
    EXPECT_EQ(prune().checkpoints, 1U);
    EXPECT_FALSE(setting->ledger().snapshot(passed));
    EXPECT_TRUE(setting->ledger().snapshot(open));
    EXPECT_TRUE(setting->ledger().snapshot(done));
}

TEST_F(Prune, RefusesASecondOneAtATime) {
    const RunningWork::Prune first(setting->running());
    expectError(ErrorCode::busy, [&] { prune(); });
}

TEST_F(Prune, StopsWhenAskedTo) {
    const SnapshotId gone = backUp("gone", {large});
    setting->forget(gone);
    cancel.request();
    expectError(ErrorCode::cancelled, [&] { prune(); });
    EXPECT_EQ(objects("packs/"), 2U);
}

TEST_F(Prune, RefusesThresholdsThatAreNone) {
    PruneSettings settings;
    settings.repackAt = 0;
    expectError(ErrorCode::invalidArgument, [&] { prune(settings); });
    settings.repackAt = 101;
    expectError(ErrorCode::invalidArgument, [&] { prune(settings); });
}

}  // namespace
}  // namespace coffer
