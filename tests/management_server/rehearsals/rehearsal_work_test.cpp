#include "management_server/rehearsals/rehearsal_work.h"

#include <gtest/gtest.h>

#include <boost/filesystem.hpp>

#include "core/source/memory_source.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/memory_folder.h"

namespace coffer {
namespace {

/// A run of kind "rehearsal" of a repository with one snapshot.
struct RehearsalWork : testing::Test {
    RehearsalWork() {
        source.addFolder("/data");
        for (std::uint32_t i = 0; i < 6; ++i) {
            source.addFile("/data/f" + std::to_string(i), noise(300'000, i));
        }
        snapshot = fixture.backupPaths(source, {"/data"});
        run.kind = run_kind::rehearsal;
        run.repository = "main";
        run.number = 7;
        run.snapshot = snapshot.id.hex();
    }
    ServerVerdict rehearse() {
        ProblemLog problems([this](const Problem& problem) { found.push_back(problem); });
        RunProgress progress;
        return rehearsalWork(
            scratch.path(), proofs)({run, *fixture.repository, progress, problems, fixture.cancel});
    }

    PipelineFixture fixture;
    MemorySource source;
    Snapshot snapshot;
    ScratchFolder scratch;
    MemoryFolder folder;
    ServerDatabase database{folder / "server.db"};
    SourceProofs proofs{database};
    RunRecord run;
    std::vector<Problem> found;
};

TEST_F(RehearsalWork, ProvesTheSource) {
    const ServerVerdict verdict = rehearse();
    EXPECT_EQ(verdict.outcome, RunOutcome::succeeded) << verdict.message;
    EXPECT_EQ(verdict.counts.at("files"), "6");
    EXPECT_EQ(verdict.counts.at("bytes"), "1800000");
    EXPECT_TRUE(boost::filesystem::is_empty(scratch.path()));
    const auto known = proofs.ofRepository("main");
    ASSERT_EQ(known.size(), 1U);
    EXPECT_EQ(known[0].agent, fixture.agent.id);
    EXPECT_EQ(known[0].paths, std::vector<std::string>{"/data"});
    EXPECT_EQ(known[0].snapshot, snapshot.id);
    EXPECT_EQ(known[0].run, 7);
    EXPECT_TRUE(known[0].whole);
    EXPECT_TRUE(proofs.lastOf(fixture.agent.id));
    EXPECT_FALSE(proofs.lastOf(AgentId{}));
    EXPECT_TRUE(proofs.ofRepository("other").empty());
}

TEST_F(RehearsalWork, SaysHowMuchOfIt) {
    run.options["sample"] = "10";
    run.what = {"/data"};
    EXPECT_EQ(rehearse().outcome, RunOutcome::succeeded);
    const SourceProof proof = proofs.ofRepository("main").at(0);
    EXPECT_EQ(proof.percent, 10U);
    EXPECT_FALSE(proof.whole);
    EXPECT_NE(shownProof(proof).find(", 10 % of parts of snapshot "), std::string::npos);
}

TEST_F(RehearsalWork, DamageFailsIt) {
    std::vector<std::string> packs;
    fixture.store.list("packs/", [&](std::string_view name, std::uint64_t size) {
        if (size > 300'000) packs.emplace_back(name);
    });
    for (const std::string& pack : packs) fixture.store.remove(pack);
    fixture.reopen();
    const ServerVerdict verdict = rehearse();
    EXPECT_EQ(verdict.outcome, RunOutcome::failed);
    EXPECT_NE(verdict.message.find("DAMAGED"), std::string::npos);
    EXPECT_FALSE(found.empty());
    EXPECT_TRUE(proofs.ofRepository("main").empty());
    EXPECT_TRUE(boost::filesystem::is_empty(scratch.path()));
}

}  // namespace
}  // namespace coffer
