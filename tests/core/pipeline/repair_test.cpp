#include "core/pipeline/repair_job.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/source/memory_source.h"
#include "core/source/memory_target.h"
#include "tests/core/pipeline/pipeline_fixture.h"

namespace coffer {
namespace {

/// A repository whose largest pack was damaged and found out.
class Repair : public testing::Test {
  protected:
    Repair() {
        source.addFolder("/data");
        for (std::uint32_t i = 0; i < 8; ++i) {
            source.addFile("/data/f" + std::to_string(i), noise(300'000, i));
        }
        snapshot = fixture.backupPaths(source, {"/data"});
    }

    std::string damage(double where = 0.5) {
        const std::string largest = fixture.largestPack();
        fixture.damage(largest, where);
        fixture.verify();
        return largest;
    }
    RepairPlan plan() { return planRepair(*fixture.repository, fixture.cancel); }
    RepairResult repair() {
        RunProgress progress;
        return runRepair(*fixture.repository, plan(), progress, fixture.cancel);
    }
    std::size_t restored() {
        MemoryTarget target;
        fixture.restore(fixture.node(snapshot, "/data"), target);
        return target.paths().size();
    }

    PipelineFixture fixture;
    MemorySource source;
    Snapshot snapshot;
};

TEST_F(Repair, HasNothingToDoWhenAllIsSound) {
    fixture.verify();
    EXPECT_TRUE(plan().packs.empty());
    EXPECT_TRUE(repair().written.empty());
}

TEST_F(Repair, APlanChangesNothing) {
    damage();
    const std::uint64_t before = fixture.repository->ledger().head().sequence;
    const RepairPlan found = plan();
    ASSERT_EQ(found.packs.size(), 1U);
    EXPECT_TRUE(found.packs[0].readable);
    EXPECT_GT(found.packs[0].salvageChunks, 0U);
    EXPECT_GT(found.packs[0].lostChunks, 0U);
    EXPECT_FALSE(found.packs[0].condemn);
    EXPECT_FALSE(found.damage.empty());
    EXPECT_EQ(fixture.repository->ledger().head().sequence, before);
}

TEST_F(Repair, SavesWhatIsSoundFromADyingPack) {
    const std::string pack = damage();
    const std::size_t before = restored();
    EXPECT_LT(before, 8U);
    const RepairResult result = repair();
    EXPECT_EQ(result.written.size(), 1U);
    EXPECT_TRUE(result.condemned.empty());  // the next backup has to know what it lost
    fixture.store.remove(pack);             // now it dies altogether
    fixture.reopen();
    EXPECT_EQ(restored(), before);
    for (const PackId& written : result.written) {
        EXPECT_EQ(fixture.repository->ledger().stateOf(written), PackState::verified);
    }
}

TEST_F(Repair, ABackupAfterItHealsTheRest) {
    damage();
    repair();
    const Snapshot healed = fixture.backupPaths(source, {"/data"});
    EXPECT_GT(healed.statistics.newBytes, 0U);
    EXPECT_LT(healed.statistics.newBytes, 2'000'000U);  // not all of the pack
    EXPECT_EQ(restored(), 8U) << fixture.problemText();
    const RepairResult again = repair();
    EXPECT_TRUE(again.written.empty());
    EXPECT_EQ(again.condemned.size(), 1U);
    EXPECT_EQ(fixture.packsIn(PackState::suspect), 0U);
    EXPECT_TRUE(fixture.verify().damaged.empty()) << fixture.problemText();
}

TEST_F(Repair, WhatNoSnapshotNeedsIsCondemned) {
    damage();
    fixture.repository->forget(snapshot.id);
    EXPECT_TRUE(plan().damage.empty());
    EXPECT_EQ(repair().condemned.size(), 1U);
}

// Beside backups: the new snapshot may need what was lost, which nobody has looked up.
TEST_F(Repair, WhatWasCommittedSinceThePlanKeepsAPackThatLostSomething) {
    damage();
    fixture.repository->forget(snapshot.id);
    const RepairPlan old = plan();
    ASSERT_TRUE(old.packs.at(0).condemn);
    source.addFile("/data/new", noise(1'000, 77));
    fixture.backupPaths(source, {"/data"});
    RunProgress progress;
    EXPECT_TRUE(runRepair(*fixture.repository, old, progress, fixture.cancel).condemned.empty());
    EXPECT_EQ(repair().condemned.size(), 1U);  // by a plan that knows the snapshot
}

TEST_F(Repair, APackWithoutADirectoryStaysSuspect) {
    damage(0.9999999);  // in its trailer
    const RepairPlan found = plan();
    ASSERT_EQ(found.packs.size(), 1U);
    EXPECT_FALSE(found.packs[0].readable);
    EXPECT_FALSE(found.damage.empty());
    const RepairResult result = repair();
    EXPECT_TRUE(result.written.empty());
    EXPECT_TRUE(result.condemned.empty());
    EXPECT_EQ(fixture.packsIn(PackState::suspect), 1U);
}

TEST_F(Repair, DoneTwiceItWritesNothingMore) {
    damage();
    EXPECT_EQ(repair().written.size(), 1U);
    EXPECT_TRUE(repair().written.empty());
}

}  // namespace
}  // namespace coffer
