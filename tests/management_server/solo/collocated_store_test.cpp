#include "management_server/solo/collocated_store.h"

#include <gtest/gtest.h>

#include "core/source/memory_source.h"
#include "core/source/memory_target.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/expect_error.h"

namespace coffer::solo {
namespace {

class CollocatedStoreTest : public testing::Test {
  protected:
    CollocatedStoreTest() {
        source.addFolder("/data");
        source.addFile("/data/large", noise(3'000'000, 1));
        source.addFolder("/data/sub");
        source.addFile("/data/sub/small", bytesOf("small"));
        request.host = "test";
        request.paths = {"/data"};
    }
    Snapshot backup(CollocatedStore& store) {
        const auto session = store.beginBackup(fixture.agent, [&](const RepositoryId& repository) {
            return baseOf(request, fixture.scratch.path(), repository);
        });
        basePinned = session->terms().basePinned;
        return fixture.backup(source, request, *session);
    }
    void restore(CollocatedStore& store, const Snapshot& snapshot, const std::string& path,
                 MemoryTarget& target) {
        const auto session = store.beginRestore(snapshot.id, path);
        ASSERT_EQ(session->entries().size(), 1U);
        ProblemLog problems([](const Problem& problem) { ADD_FAILURE() << problem.message; });
        RunProgress progress;
        runRestore(*session, session->domainKey(), session->entries().front().node, target,
                   {false, 2}, progress, problems, fixture.cancel);
    }

    PipelineFixture fixture;
    MemorySource source;
    BackupRequest request;
    bool basePinned = false;
};

TEST_F(CollocatedStoreTest, carriesBackupsAndRestores) {
    CollocatedStore store(*fixture.repository, fixture.cancel);
    const Snapshot snapshot = backup(store);
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_EQ(loadSnapshots(*fixture.repository).size(), 1U);
    MemoryTarget target;
    restore(store, snapshot, "/data", target);
    EXPECT_EQ(target.content("large"), noise(3'000'000, 1));
    EXPECT_EQ(coffer::textOf(target.content("sub/small")), "small");
}

TEST_F(CollocatedStoreTest, aSecondBackupBuildsOnTheFirst) {
    CollocatedStore store(*fixture.repository, fixture.cancel);
    const Snapshot first = backup(store);
    EXPECT_FALSE(basePinned);
    const Snapshot second = backup(store);
    EXPECT_TRUE(basePinned);
    EXPECT_EQ(second.base, first.id);
    EXPECT_EQ(second.statistics.newBytes, 0U);
}

TEST_F(CollocatedStoreTest, restoresWhatIsThere) {
    CollocatedStore store(*fixture.repository, fixture.cancel);
    const Snapshot snapshot = backup(store);
    EXPECT_EQ(store.beginRestore(snapshot.id, "/")->entries().front().path, "/");
    EXPECT_EQ(store.beginRestore(snapshot.id, "/data/sub")->entries().front().path, "/data/sub");
    expectError(ErrorCode::notFound, [&] { store.beginRestore(snapshot.id, "/nowhere"); });
}

TEST_F(CollocatedStoreTest, whatIsOpenForReadingOnlyCanBeRestored) {
    std::optional<Snapshot> snapshot;
    {
        CollocatedStore store(*fixture.repository, fixture.cancel);
        snapshot = backup(store);
    }
    for (const auto access : {Repository::Access::read, Repository::Access::peek}) {
        Repository looking(fixture.place(), access);
        CollocatedStore store(looking, fixture.cancel);
        MemoryTarget target;
        restore(store, *snapshot, "/data/sub", target);
        EXPECT_EQ(coffer::textOf(target.content("small")), "small");
    }
}

TEST_F(CollocatedStoreTest, aSleepOfDaysEndsNoSession) {
    ManualClock clock;
    fixture.repository.reset();
    Repository repository({fixture.store, fixture.state, fixture.scratch.path(), clock},
                          Repository::Access::write);
    CollocatedStore store(repository, fixture.cancel);
    const auto session = store.beginBackup(
        fixture.agent, [](const RepositoryId&) { return std::optional<SnapshotId>(); });
    clock.advance(30 * 86'400);
    EXPECT_NO_THROW(session->openPack());
}

TEST_F(CollocatedStoreTest, onlyAnEnrolledAgentCanBackUp) {
    CollocatedStore store(*fixture.repository, fixture.cancel);
    const AgentIdentity stranger = AgentIdentity::random();
    expectError(ErrorCode::untrusted, [&] {
        store.beginBackup(stranger,
                          [](const RepositoryId&) { return std::optional<SnapshotId>(); });
    });
}

}  // namespace
}  // namespace coffer::solo
