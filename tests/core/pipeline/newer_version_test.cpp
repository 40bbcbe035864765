// What jobs do with a repository that a newer version has written to: nothing that this undoes.
#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/pipeline/prune_job.h"
#include "core/pipeline/repair_job.h"
#include "core/pipeline/replicate_job.h"
#include "core/repository/pack_format.h"
#include "core/source/memory_source.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

/// A repository with a backup and a pack that needs a newer version, which has indexed it.
struct JobsOnNewerVersion : testing::Test {
    JobsOnNewerVersion() {
        source.addFolder("/data");
        source.addFile("/data/a", noise(300'000, 1));
        fixture.backupPaths(source, {"/data"});
        Bytes octets = readAll(fixture.store, fixture.largestPack(), 1U << 28);
        octets.at(pack_format::magic.size()) = 2;
        PackRegistration its{newer, octets.size(), sha256(octets), fixture.agent.id, {}};
        its.signature =
            fixture.agent.sign.sign(pack_format::registrationPurpose,
                                    its.statement(fixture.repository->config().repositoryId));
        fixture.store.put(packName(newer), octets);
        record(PackRecord{its, randomId<SessionId>()});
    }

    void record(const ManifestPayload& payload) { fixture.repository->record({&payload, 1}); }

    MemorySource source;
    PipelineFixture fixture;
    const PackId newer = randomId<PackId>();
};

TEST_F(JobsOnNewerVersion, VerifyingFindsNoDamage) {
    for (const auto kind : {VerifyDepth::Kind::full, VerifyDepth::Kind::structure}) {
        const VerifyResult result = fixture.verify({kind, 0});
        EXPECT_TRUE(result.damaged.empty());
        EXPECT_TRUE(result.touched.empty());
        EXPECT_NE(fixture.problemText().find("newer version"), std::string::npos)
            << fixture.problemText();
        EXPECT_EQ(fixture.repository->ledger().stateOf(newer), PackState::received);
        EXPECT_FALSE(fixture.repository->ledger().proofOf(newer));
        EXPECT_TRUE(fixture.repository->ledger().snapshotProofs().empty());
    }
}

TEST_F(JobsOnNewerVersion, VerifyingFindsWhatOnlyLooksLikeIt) {
    Bytes octets = readAll(fixture.store, packName(newer), 1U << 28);
    octets.back() ^= 1;
    fixture.store.put(packName(newer), octets);
    EXPECT_EQ(fixture.verify().damaged, std::vector<PackId>{newer});
}

TEST_F(JobsOnNewerVersion, PruningRefuses) {
    fixture.repository->forget(fixture.repository->ledger().snapshots().at(0).registration.id);
    const std::uint64_t head = fixture.repository->ledger().head().sequence;
    expectError(
        ErrorCode::unsupported,
        [&] {
            RunProgress progress;
            ProblemLog log([](const Problem&) {});
            runPrune(*fixture.repository, {}, progress, log, fixture.cancel);
        },
        "newer version");
    EXPECT_EQ(fixture.repository->ledger().head().sequence, head);
    EXPECT_TRUE(fixture.store.size(packName(newer)));
}

TEST_F(JobsOnNewerVersion, RepairingLeavesItAlone) {
    record(PackStateRecord{newer, PackState::suspect});
    const RepairPlan plan = planRepair(*fixture.repository, fixture.cancel);
    ASSERT_EQ(plan.packs.size(), 1U);
    EXPECT_TRUE(plan.damage.empty());
    EXPECT_TRUE(plan.packs[0].newer);
    EXPECT_FALSE(plan.packs[0].condemn);
    RunProgress progress;
    EXPECT_TRUE(runRepair(*fixture.repository, plan, progress, fixture.cancel).condemned.empty());
}

struct ReplicatingNewerVersion : JobsOnNewerVersion {
    void replicate() {
        RunProgress progress;
        ProblemLog log([](const Problem&) {});
        runReplicate(fixture.store, replica, {}, retry, progress, log, fixture.cancel);
    }
    MemoryStore replica;
    Retry retry{{1, {}, {}}, [](std::chrono::nanoseconds) {}};
};

TEST_F(ReplicatingNewerVersion, CopiesPacksThatItCannotRead) {
    replicate();
    EXPECT_EQ(readAll(replica, packName(newer), 1U << 28),
              readAll(fixture.store, packName(newer), 1U << 28));
}

// What it does not know may say what belongs to the repository.
TEST_F(ReplicatingNewerVersion, RefusesRecordsThatItDoesNotKnow) {
    replicate();
    record(UnknownRecord{200, {}});
    const std::string later = packName(randomId<PackId>());
    replica.put(later, Bytes{1});
    expectError(ErrorCode::unsupported, [&] { replicate(); });
    EXPECT_TRUE(replica.size(later));
}

}  // namespace
}  // namespace coffer
