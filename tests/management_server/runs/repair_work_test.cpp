// Repairs and replications as runs of the server.
#include "management_server/runs/repair_work.h"

#include <gtest/gtest.h>

#include "core/source/memory_source.h"
#include "core/storage/local_store.h"
#include "management_server/runs/replicate_work.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

/// A run of the server about a repository with one snapshot.
struct MaintenanceWork : testing::Test {
    MaintenanceWork() {
        source.addFolder("/data");
        for (std::uint32_t i = 0; i < 8; ++i) {
            source.addFile("/data/f" + std::to_string(i), noise(300'000, i));
        }
        fixture.backupPaths(source, {"/data"});
        run.repository = "main";
    }

    ServerVerdict carryOut(const ServerWork& work) {
        found.clear();
        ProblemLog problems([this](const Problem& problem) { found.push_back(problem); });
        RunProgress progress;
        return work({run, *fixture.repository, progress, problems, fixture.cancel});
    }
    ServerVerdict repair() { return carryOut(repairWork); }
    ServerVerdict replicate() {
        return carryOut(replicateWork(*disk, [this] { return taken; }));
    }

    std::string damage() {
        const std::string largest = fixture.largestPack();
        fixture.damage(largest, 0.5);
        fixture.verify();
        return largest;
    }

    PipelineFixture fixture;
    MemorySource source;
    ScratchFolder scratch;
    std::unique_ptr<Disk> disk = makeSystemDisk();
    std::vector<std::string> taken;
    RunRecord run;
    std::vector<Problem> found;
};

TEST_F(MaintenanceWork, ARepairSavesWhatItCanAndSaysWhatIsLost) {
    EXPECT_EQ(repair().outcome, RunOutcome::succeeded);
    damage();
    run.options["preview"] = "yes";
    const std::uint64_t generation = fixture.repository->ledger().head().sequence;
    const ServerVerdict planned = repair();
    EXPECT_EQ(fixture.repository->ledger().head().sequence, generation);
    EXPECT_EQ(planned.outcome, RunOutcome::warnings);
    EXPECT_EQ(planned.counts.at("damaged-packs"), "1");
    EXPECT_NE(planned.counts.at("salvage-chunks"), "0");
    EXPECT_EQ(planned.counts.at("written-packs"), "0");
    run.options.clear();
    const ServerVerdict done = repair();
    EXPECT_EQ(done.outcome, RunOutcome::warnings);
    EXPECT_NE(done.message.find("LOST"), std::string::npos);
    EXPECT_EQ(done.counts.at("written-packs"), "1");
    EXPECT_EQ(done.counts.at("touched-snapshots"), "1");
    ASSERT_FALSE(found.empty());
    EXPECT_TRUE(found[0].path.starts_with("/data/f")) << found[0].path;
}

TEST_F(MaintenanceWork, AReplicationBringsACopyUpToDate) {
    run.target = scratch / "copy";
    const ServerVerdict first = replicate();
    EXPECT_EQ(first.outcome, RunOutcome::succeeded) << first.message;
    EXPECT_NE(first.counts.at("copied"), "0");
    run.options = {{"verify", "yes"}, {"limit", "100M"}};
    const ServerVerdict again = replicate();
    EXPECT_EQ(again.outcome, RunOutcome::succeeded);
    EXPECT_EQ(again.counts.at("copied"), "0");
    EXPECT_EQ(again.counts.at("verified"), again.counts.at("objects"));
    LocalStore copy(*disk, run.target);
    EXPECT_TRUE(copy.size("config"));
}

TEST_F(MaintenanceWork, AReplicationTellsWhatItCannotCopy) {
    fixture.damage(fixture.largestPack(), 0.5);
    run.target = scratch / "copy";
    const ServerVerdict verdict = replicate();
    EXPECT_EQ(verdict.outcome, RunOutcome::warnings);
    EXPECT_EQ(verdict.counts.at("missing"), "1");
    EXPECT_NE(verdict.message.find("DAMAGED"), std::string::npos);
    EXPECT_EQ(found.size(), 1U);
}

TEST_F(MaintenanceWork, AReplicaLiesApartFromWhatTheServerHas) {
    makeFolders(*disk, scratch / "server/main");
    taken = {disk->canonical(scratch / "server/main")};
    for (const char* place : {"server/main", "server/main/copy", "server"}) {
        run.target = scratch / place;
        expectError(
            ErrorCode::invalidArgument, [&] { replicate(); }, "apart");
    }
    // Nor in a folder of somebody else.
    makeFolders(*disk, scratch / "home");
    disk->create(scratch / "home/letter")->write(bytesOf("dear"));
    run.target = scratch / "home";
    expectError(
        ErrorCode::alreadyExists, [&] { replicate(); }, "letter");
    run.target = scratch / "server/main-copy";
    EXPECT_EQ(replicate().outcome, RunOutcome::succeeded);
}

}  // namespace
}  // namespace coffer
