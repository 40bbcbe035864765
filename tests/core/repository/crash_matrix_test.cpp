// A backup crashes at every point of the disk there is; nothing that was acknowledged may be lost.
#include <gtest/gtest.h>

#include <filesystem>

#include "core/repository/write_session.h"
#include "core/storage/local_store.h"
#include "tests/support/simulated_disk.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

constexpr CrashMode allModes[] = {CrashMode::killed, CrashMode::lost, CrashMode::hollow,
                                  CrashMode::torn};

/// A snapshot with all of its chunks.
struct Backup {
    SnapshotId id;
    std::vector<TestChunk> chunks;
};

/// The repository of one computer: store and keys on a simulated disk, databases in a folder.
struct Computer {
    Computer(std::unique_ptr<SimulatedDisk> itsDisk, const MemoryFolder* databasesFrom)
        : disk(std::move(itsDisk)) {
        if (databasesFrom) {
            fs::copy(databasesFrom->path(), databases.path(), fs::copy_options::recursive);
        }
    }
    RepositoryPlace place() { return {store, state, databases.path(), clock}; }

    std::unique_ptr<SimulatedDisk> disk;
    LocalStore store{*disk, "/repository"};
    LocalStore state{*disk, "/state"};
    MemoryFolder databases;
    ManualClock clock;
};

struct CrashMatrix : testing::Test {
    CrashMatrix() {
        createWithAgent(before.place(), agent);
        Repository repository(before.place(), Repository::Access::write);
        backUp(repository, "before");
        acknowledged.push_back(begun);
    }

    // Two packs and a commit; `begun` tells what it is about from the moment it may be there.
    void backUp(Repository& repository, const std::string& name) {
        const AgentKeys keys = repository.agentKeys(agent);
        const TestChunk file = dataChunk("file of " + name);
        const TestChunk large = {ChunkKind::data, noise(3000, 1), {}};
        const TestChunk root = treeChunk("root of " + name, {idOf(keys, file), idOf(keys, large)});
        const std::vector<TestChunk> files = {file, large};
        const SealedSnapshot snapshot = sealedSnapshot(keys, idOf(keys, root), name);
        begun = {snapshot.registration.id, {file, large, root}};
        WriteSession session(repository, agent.id, std::nullopt);
        writePack(session, keys, files);
        writePack(session, keys, std::vector<TestChunk>{root});
        session.commit(snapshot);
    }

    void expectReadable(Repository& repository, const Backup& backup) {
        const auto info = repository.ledger().snapshot(backup.id);
        ASSERT_TRUE(info);
        EXPECT_FALSE(repository.snapshotBody(info->registration).empty());
        const AgentKeys keys = repository.agentKeys(agent);
        for (const TestChunk& chunk : backup.chunks) {
            EXPECT_EQ(readChunk(repository, idOf(keys, chunk)), chunk.content);
        }
    }

    // Acknowledged backups are there; what else is there is whole; and life goes on.
    void checkSurvivor(Computer& computer, std::vector<Backup> expected) {
        const Backup mayBe = begun;
        {
            Repository repository(computer.place(), Repository::Access::write);
            for (const Backup& backup : expected) expectReadable(repository, backup);
            const bool more = repository.ledger().snapshots().size() > expected.size();
            if (more) expectReadable(repository, mayBe);
            EXPECT_LE(repository.ledger().snapshots().size(), expected.size() + 1);
            EXPECT_TRUE(repository.ledger().packsIn(PackState::suspect).empty());
            backUp(repository, "after");
            expected.push_back(begun);
        }
        // And once more the power goes, for good this time.
        Computer later(computer.disk->reopen(CrashMode::lost), nullptr);
        Repository repository(later.place(), Repository::Access::write);
        for (const Backup& backup : expected) expectReadable(repository, backup);
        begun = mayBe;
    }

    void checkAllSurvivors(Computer& crashed, const std::vector<Backup>& expected) {
        for (const CrashMode mode : allModes) {
            for (const bool withDatabases : {true, false}) {
                SCOPED_TRACE(testing::Message() << "mode " << int(mode) << ", databases "
                                                << (withDatabases ? "kept" : "lost"));
                Computer survivor(crashed.disk->reopen(mode),
                                  withDatabases ? &crashed.databases : nullptr);
                checkSurvivor(survivor, expected);
            }
        }
    }

    // The computer as it was before the backup, everything safe on its disk.
    std::unique_ptr<Computer> copyOfBefore() {
        return std::make_unique<Computer>(before.disk->reopen(CrashMode::lost), &before.databases);
    }

    AgentIdentity agent = AgentIdentity::random();
    Computer before{std::make_unique<SimulatedDisk>(), nullptr};
    Backup begun;
    std::vector<Backup> acknowledged;
};

TEST_F(CrashMatrix, NothingAcknowledgedIsEverLost) {
    const auto whole = copyOfBefore();
    {
        Repository repository(whole->place(), Repository::Access::write);
        backUp(repository, "during");
    }
    const std::uint64_t points = whole->disk->points();
    ASSERT_GT(points, 20U);
    std::vector<Backup> all = acknowledged;
    all.push_back(begun);
    checkAllSurvivors(*whole, all);

    for (std::uint64_t point = 1; point <= points; ++point) {
        SCOPED_TRACE(testing::Message() << "point " << point << " of " << points);
        const auto computer = copyOfBefore();
        computer->disk->crashAt(point);
        EXPECT_THROW(
            {
                Repository repository(computer->place(), Repository::Access::write);
                backUp(repository, "during");
            },
            SimulatedCrash);
        checkAllSurvivors(*computer, acknowledged);
    }
}

}  // namespace
}  // namespace coffer
