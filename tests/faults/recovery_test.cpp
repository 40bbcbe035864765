// The disk fails at each point of what one session does, while another one runs in the same open
// repository. That one goes on, and so does the next, without anything being opened again.
#include <gtest/gtest.h>

#include <cerrno>

#include "core/base/file_lock.h"
#include "core/pipeline/rehearsal_job.h"
#include "core/repository/generation_hold.h"
#include "core/repository/write_session.h"
#include "core/snapshot/snapshot_catalog.h"
#include "tests/faults/fault_world.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

constexpr ChunkerParameters chunker{512, 1024, 4096};

/// Sends a pack, but leaves its end to the test.
struct Unfinished {
    class Upload : public PackUpload {
      public:
        explicit Upload(Unfinished& all) : all_(all) {}
        PackId id() const override { return all_.upload->id(); }
        void append(ByteView slice) override { all_.upload->append(slice); }
        void finish(const PackRegistration& registration) override {
            all_.registration = registration;
        }

      private:
        Unfinished& all_;
    };

    Unfinished(BackupStore& session, const AgentKeys& keys, std::span<const TestChunk> chunks)
        : upload(session.openPack()) {
        PackWriter writer(keys, std::make_unique<Upload>(*this));
        addBlock(writer, keys, chunks);
        writer.finish();
    }
    void finish() { upload->finish(registration); }

    const std::unique_ptr<PackUpload> upload;
    PackRegistration registration;
};

struct FailedWrite : testing::Test {
    FailedWrite() {
        FaultWorld world(std::make_unique<SimulatedDisk>());
        Repository::create(world.place(), chunker);
        Repository repository(world.place(), Repository::Access::write);
        repository.confirmKit(repository.kit());
        repository.enrol(agent.id, agent.sign.verifyKey());
        known.emplace(backUpVersion(repository, agent, 1), 1);
        start = world.after(CrashMode::lost);
    }

    void expectAllThere(Repository& repository, const std::map<SnapshotId, unsigned>& versions) {
        for (const auto& [id, version] : versions) {
            EXPECT_EQ(differences(repository, id, version), "") << "version " << version;
        }
        EXPECT_EQ(verifyProblems(repository, false), "");
        EXPECT_EQ(indexProblems(repository), "");
        EXPECT_EQ(repository.index().generation(), repository.ledger().head().sequence);
    }

    // False when there is no such point.
    bool tryFailure(int number, std::uint64_t point) {
        const auto world = start->after(CrashMode::lost);
        std::map<SnapshotId, unsigned> versions = known;
        {
            Repository repository(world->place(), Repository::Access::write);
            WriteSession other(repository, agent.id, std::nullopt);
            const WrittenPack sent =
                writePack(other, repository.agentKeys(agent), std::vector{dataChunk("sent")});
            const std::uint64_t first = world->disk->points() + point;
            world->disk->failAt(number, first, first);
            try {
                versions.emplace(backUpVersion(repository, agent, 2), 2);
            } catch (const Error&) {
            }
            if (world->disk->points() < first) return false;
            world->disk->failAt(0, 0);

            EXPECT_FALSE(other.missing(sent.chunks)[0]);
            versions.emplace(backUpVersion(repository, other, agent, 3), 3);
            EXPECT_TRUE(repository.canWrite());
            versions.emplace(backUpVersion(repository, agent, 4), 4);
            PruneResult pruned;
            EXPECT_EQ(pruneProblems(repository, pruned), "");
            expectAllThere(repository, versions);
        }
        const auto later = world->after(CrashMode::lost);
        Repository repository(later->place(), Repository::Access::write);
        expectAllThere(repository, versions);
        return true;
    }

    AgentIdentity agent = AgentIdentity::random();
    std::map<SnapshotId, unsigned> known;
    std::unique_ptr<FaultWorld> start;
};

// What did not answer is asked again: an answer may have been lost behind the record.
TEST_F(FailedWrite, CanBeRepeatedAndIsWrittenOnce) {
    std::uint64_t point = 1;
    for (bool isThere = true; isThere; ++point) {
        SCOPED_TRACE(testing::Message() << "point " << point);
        const auto world = start->after(CrashMode::lost);
        Repository repository(world->place(), Repository::Access::write);
        WriteSession session(repository, agent.id, std::nullopt);
        const AgentKeys keys = repository.agentKeys(agent);
        const std::vector tree{treeChunk("tree", {})};
        Unfinished pack(session, keys, tree);

        const std::uint64_t failing = world->disk->points() + point;
        world->disk->failAt(EIO, failing, failing);
        const auto refused = errorOf([&] { pack.finish(); });
        if (refused && !session.wasRegistered(pack.registration)) continue;  // it is sent again
        const SealedSnapshot snapshot = sealedSnapshot(keys, idOf(keys, tree[0]));
        if (errorOf([&] { session.commit(snapshot); })) session.commit(snapshot);
        isThere = world->disk->points() >= failing;

        unsigned written = 0;
        readManifest(world->repository, repository.config().server, 1,
                     [&](const ManifestRecord& record) {
                         const auto* it = std::get_if<SnapshotRecord>(&record.payload);
                         if (it && it->registration == snapshot.registration) ++written;
                     });
        EXPECT_EQ(written, 1U);
        EXPECT_EQ(readChunk(repository, idOf(keys, tree[0])), tree[0].content);
    }
    EXPECT_GT(point, 10U);
}

TEST_F(FailedWrite, OfOneSessionLeavesTheOthersAlone) {
    for (const int number : {ENOSPC, EIO}) {
        std::uint64_t point = 1;
        for (bool isThere = true; isThere; ++point) {
            SCOPED_TRACE(testing::Message() << "errno " << number << " at point " << point);
            isThere = tryFailure(number, point);
        }
        EXPECT_GT(point, 20U);
    }
}

// A record that can be read need not be durable: its folder could not be synchronised.
TEST_F(FailedWrite, LeavesNothingThatIsBelievedAndLostWithThePower) {
    const AgentIdentity other = AgentIdentity::random();
    std::uint64_t point = 1;
    unsigned believed = 0;
    for (bool isThere = true; isThere; ++point) {
        SCOPED_TRACE(testing::Message() << "point " << point);
        const auto world = start->after(CrashMode::lost);
        std::optional<VerifyKey> there;
        {
            Repository repository(world->place(), Repository::Access::write);
            const std::uint64_t failing = world->disk->points() + point;
            world->disk->failAt(EIO, failing, failing);
            const auto failure =
                errorOf([&] { repository.enrol(other.id, other.sign.verifyKey()); });
            isThere = world->disk->points() >= failing;
            world->disk->failAt(0, 0);
            repository.recover();
            EXPECT_TRUE(repository.canWrite());
            there = repository.ledger().agentKey(other.id);
            if (failure && there) ++believed;
        }
        const auto later = world->after(CrashMode::lost);
        Repository repository(later->place(), Repository::Access::write);
        EXPECT_EQ(repository.ledger().agentKey(other.id), there);
        expectAllThere(repository, known);
    }
    EXPECT_GT(believed, 0U);
}

// As long as the disk stays full; then at once.
TEST_F(FailedWrite, IsRefusedUntilTheDiskTakesItAgain) {
    Repository repository(start->place(), Repository::Access::write);
    const GenerationHold hold(repository);
    start->disk->failAt(ENOSPC, 1);
    for (int i = 0; i < 3; ++i) {
        const AgentIdentity other = AgentIdentity::random();
        expectError(ErrorCode::noSpace,
                    [&] { repository.enrol(other.id, other.sign.verifyKey()); });
        EXPECT_FALSE(repository.canWrite());
    }
    start->disk->failAt(0, 0);
    repository.recover();
    EXPECT_TRUE(repository.canWrite());
    EXPECT_EQ(repository.ledger().sessions().at(0).id, hold.session());
    known.emplace(backUpVersion(repository, agent, 2), 2);
    expectAllThere(repository, known);
}

// What it proves does not go into the manifest.
TEST_F(FailedWrite, OfSomebodyElseDoesNotKeepARehearsalFromItsProof) {
    Repository repository(start->place(), Repository::Access::write);
    start->disk->failAt(ENOSPC, 1);
    EXPECT_TRUE(errorOf([&] { repository.enrol(AgentId{}, agent.sign.verifyKey()); }));
    start->disk->failAt(0, 0);
    EXPECT_FALSE(repository.canWrite());
    const SnapshotId snapshot = known.begin()->first;
    EXPECT_FALSE(repository.ledger().provenSnapshots().contains(snapshot));
    RunProgress progress;
    ProblemLog problems([](const Problem& it) { ADD_FAILURE() << it.path << ": " << it.message; });
    const CancelToken cancel;
    const ScratchFolder scratch;
    runRehearsal(repository, loadSnapshot(repository, *repository.ledger().snapshot(snapshot)), {},
                 scratch.path(), progress, problems, cancel);
    EXPECT_FALSE(repository.canWrite());
    EXPECT_TRUE(repository.ledger().provenSnapshots().contains(snapshot));
}

TEST_F(FailedWrite, IsNoneOfWhoOnlyReads) {
    Repository repository(start->place(), Repository::Access::read);
    repository.recover();
    EXPECT_FALSE(repository.canWrite());
    const SnapshotId snapshot = known.begin()->first;
    expectError(
        ErrorCode::conflict, [&] { repository.forget(snapshot); }, "for reading only");
}

/// The repository is open in two programs, and the disk fails the first one.
struct SharedFailedWrite : FailedWrite {
    struct Program {
        Program(FaultWorld& world, const std::string& name)
            : lock(FileLock::take(Sharing::lockOf(world.place().databases, name))),
              repository(placeFor(world, name), Repository::Access::write) {}

        static RepositoryPlace placeFor(FaultWorld& world, const std::string& name) {
            RepositoryPlace place = world.place();
            place.index->folder += "-" + name;
            place.sharing = Sharing{place.databases, name, "index-" + name};
            return place;
        }

        const FileLock lock;
        Repository repository;
    };
};

// The other program finds the record before this one recovers.
TEST_F(SharedFailedWrite, OfOneIsFoundByTheOtherAndStaysWhatItIs) {
    std::uint64_t point = 1;
    unsigned entered = 0;
    for (bool isThere = true; isThere; ++point) {
        SCOPED_TRACE(testing::Message() << "point " << point);
        const auto world = start->after(CrashMode::lost);
        const AgentIdentity failed = AgentIdentity::random();
        const AgentIdentity next = AgentIdentity::random();
        const auto expectSame = [&](Repository& a, Repository& b) {
            EXPECT_EQ(a.ledger().head(), b.ledger().head());
            EXPECT_EQ(a.index().generation(), b.index().generation());
            EXPECT_EQ(a.index().chunkCount(), b.index().chunkCount());
        };
        std::optional<VerifyKey> there;
        std::unique_ptr<FaultWorld> later;
        {
            Program server(*world, "server");
            Program store(*world, "store");
            const GenerationHold hold(server.repository);
            const std::uint64_t failing = world->disk->points() + point;
            world->disk->failAt(EIO, failing, failing);
            const auto failure =
                errorOf([&] { server.repository.enrol(failed.id, failed.sign.verifyKey()); });
            isThere = world->disk->points() >= failing;
            world->disk->failAt(0, 0);

            store.repository.recordChosen([] { return std::vector<ManifestPayload>(); });
            there = store.repository.ledger().agentKey(failed.id);
            if (failure && there) ++entered;
            later = world->after(CrashMode::lost);  // before anything else is written

            server.repository.refresh();
            EXPECT_EQ(server.repository.ledger().agentKey(failed.id), there);
            server.repository.recover();
            EXPECT_TRUE(server.repository.canWrite());
            store.repository.enrol(next.id, next.sign.verifyKey());
            server.repository.refresh();
            EXPECT_TRUE(server.repository.ledger().agentKey(next.id));
            EXPECT_EQ(server.repository.ledger().sessions().at(0).id, hold.session());
            expectSame(server.repository, store.repository);
        }
        Repository repository(later->place(), Repository::Access::write);
        EXPECT_EQ(repository.ledger().agentKey(failed.id), there);
    }
    EXPECT_GT(entered, 0U);
}

// Who looks takes in what the other records, and writes again as soon as that is possible.
TEST_F(SharedFailedWrite, DoesNotKeepFromLookingAtWhatTheOtherRecords) {
    Program server(*start, "server");
    Program store(*start, "store");
    const AgentIdentity failed = AgentIdentity::random();
    start->disk->failAt(ENOSPC, 1);
    EXPECT_TRUE(errorOf([&] { server.repository.enrol(failed.id, failed.sign.verifyKey()); }));
    start->disk->failAt(0, 0);
    const SnapshotId snapshot = backUpVersion(store.repository, agent, 2);
    EXPECT_FALSE(server.repository.canWrite());
    EXPECT_EQ(differences(server.repository, snapshot, 2), "");
    EXPECT_TRUE(server.repository.canWrite());
}

}  // namespace
}  // namespace coffer
