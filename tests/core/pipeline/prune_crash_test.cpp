// A prune crashes at every point of the disk there is; nothing that a snapshot needs may be lost,
// and the next prune brings it to its end.
#include <gtest/gtest.h>

#include <filesystem>

#include "core/pipeline/prune_job.h"
#include "core/repository/write_session.h"
#include "core/storage/local_store.h"
#include "tests/support/expect_error.h"
#include "tests/support/simulated_disk.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

constexpr CrashMode allModes[] = {CrashMode::killed, CrashMode::lost, CrashMode::hollow,
                                  CrashMode::torn};

/// The repository of one computer: store and keys on a simulated disk, databases in a folder.
struct Computer {
    Computer(std::unique_ptr<SimulatedDisk> itsDisk, const MemoryFolder* databasesFrom)
        : disk(std::move(itsDisk)) {
        if (databasesFrom) {
            std::filesystem::copy(databasesFrom->path(), databases.path(),
                                  std::filesystem::copy_options::recursive |
                                      std::filesystem::copy_options::overwrite_existing);
        }
    }
    RepositoryPlace place() { return {store, state, databases.path(), clock}; }

    std::unique_ptr<SimulatedDisk> disk;
    LocalStore store{*disk, "/repository"};
    LocalStore state{*disk, "/state"};
    MemoryFolder databases;
    ManualClock clock;
};

PruneResult prune(Computer& computer) {
    Repository repository(computer.place(), Repository::Access::write);
    RunProgress progress;
    ProblemLog problems;
    const CancelToken cancel;
    return runPrune(repository, {}, progress, problems, cancel);
}

std::uint64_t octetsIn(Computer& computer) {
    std::uint64_t sum = 0;
    computer.store.list("packs/", [&](std::string_view, std::uint64_t size) { sum += size; });
    return sum;
}

/// Before the prune: a pack that is mostly dead, one that is dead, a dead list over a pack of data
/// and a leftover.
struct PruneCrash : testing::Test {
    PruneCrash() {
        createWithAgent(before.place(), agent);
        Repository repository(before.place(), Repository::Access::write);
        const AgentKeys keys = repository.agentKeys(agent);
        const TestChunk list = listChunk("list", {idOf(keys, listed)});
        const TestChunk folder = treeChunk("folder", {idOf(keys, small)});
        WriteSession session(repository, agent.id, std::nullopt);
        writePack(session, keys, std::vector{small, large});
        writePack(session, keys, std::vector{dead});
        writePack(session, keys, std::vector{listed});
        writePack(session, keys, std::vector{list, folder});
        const TestChunk old = treeChunk(
            "old", {idOf(keys, large), idOf(keys, dead), idOf(keys, list), idOf(keys, folder)});
        const TestChunk young = treeChunk("young", {idOf(keys, folder)});
        writePack(session, keys, std::vector{old});
        writePack(session, keys, std::vector{young});
        const SealedSnapshot forgotten = sealedSnapshot(keys, idOf(keys, old), "old");
        const SealedSnapshot stays = sealedSnapshot(keys, idOf(keys, young), "young");
        session.commit(forgotten);
        session.commit(stays);
        repository.forget(forgotten.registration.id);
        needed = {small, folder, young};
        before.store.put(packName(randomPack), noise(500, 9));
    }

    std::unique_ptr<Computer> copyOfBefore() {
        return std::make_unique<Computer>(before.disk->reopen(CrashMode::lost), &before.databases);
    }

    void expectWhole(Computer& computer) {
        Repository repository(computer.place(), Repository::Access::write);
        const AgentKeys keys = repository.agentKeys(agent);
        ASSERT_EQ(repository.ledger().snapshots().size(), 1U);
        EXPECT_TRUE(repository.ledger().packsIn(PackState::suspect).empty());
        for (const TestChunk& chunk : needed) {
            EXPECT_EQ(readChunk(repository, idOf(keys, chunk)), chunk.content);
        }
    }

    void checkSurvivors(Computer& crashed) {
        for (const CrashMode mode : allModes) {
            for (const bool withDatabases : {true, false}) {
                SCOPED_TRACE(testing::Message() << "mode " << int(mode) << ", databases "
                                                << (withDatabases ? "kept" : "lost"));
                Computer survivor(crashed.disk->reopen(mode),
                                  withDatabases ? &crashed.databases : nullptr);
                expectWhole(survivor);
                prune(survivor);
                expectWhole(survivor);
                EXPECT_LE(octetsIn(survivor), afterwards);
            }
        }
    }

    AgentIdentity agent = AgentIdentity::random();
    const PackId randomPack = PackId{{1, 2, 3}};
    const TestChunk small = dataChunk("small");
    const TestChunk large{ChunkKind::data, noise(20'000, 1), {}};
    const TestChunk dead{ChunkKind::data, noise(20'000, 2), {}};
    const TestChunk listed{ChunkKind::data, noise(20'000, 3), {}};
    Computer before{std::make_unique<SimulatedDisk>(), nullptr};
    std::vector<TestChunk> needed;
    std::uint64_t afterwards = 5'000;  // what may be left of 60,000 octets
};

TEST_F(PruneCrash, LosesNothingThatASnapshotNeeds) {
    const auto whole = copyOfBefore();
    const PruneResult result = prune(*whole);
    EXPECT_EQ(result.leftovers, 1U);
    EXPECT_EQ(result.repacked.packs, 2U);
    EXPECT_EQ(result.waiting.packs, 0U);
    const std::uint64_t points = whole->disk->points();
    ASSERT_GT(points, 20U);
    checkSurvivors(*whole);
    for (std::uint64_t point = 1; point <= points; ++point) {
        SCOPED_TRACE(testing::Message() << "point " << point << " of " << points);
        const auto computer = copyOfBefore();
        computer->disk->crashAt(point);
        EXPECT_THROW(prune(*computer), SimulatedCrash);
        checkSurvivors(*computer);
        if (HasFailure()) return;
    }
}

TEST_F(PruneCrash, DeletesButDoesNotCopyOnAFullDisk) {
    const auto computer = copyOfBefore();
    computer->disk->setFreeSpace(0);
    const PruneResult result = prune(*computer);
    EXPECT_EQ(result.written.packs, 0U);
    EXPECT_EQ(result.postponed.packs, 2U);
    EXPECT_EQ(result.deleted.packs, 2U);  // the dead one and the old root
    expectWhole(*computer);
    computer->disk->setFreeSpace(1ULL << 30);
    EXPECT_EQ(prune(*computer).postponed.packs, 0U);
    EXPECT_LE(octetsIn(*computer), afterwards);
    expectWhole(*computer);
}

TEST_F(PruneCrash, BackupsLeaveRoomForIt) {
    const auto computer = copyOfBefore();
    Repository repository(computer->place(), Repository::Access::write);
    WriteSession session(repository, agent.id, std::nullopt);
    computer->disk->setFreeSpace((64ULL << 20) - 1);
    expectError(ErrorCode::noSpace, [&] {
        writePack(session, repository.agentKeys(agent), std::vector{dataChunk("more")});
    });
    computer->disk->setFreeSpace(64ULL << 20);
    writePack(session, repository.agentKeys(agent), std::vector{dataChunk("more")});
}

}  // namespace
}  // namespace coffer
