// Two processes share a repository: one receives backups, the other forgets, verifies and prunes.
// Each is killed at some step of its work, also between the manifest and what follows from it:
// whatever was committed and not forgotten is there whole.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <random>
#include <sstream>

#include "core/base/file_lock.h"
#include "core/pipeline/prune_job.h"
#include "core/repository/write_session.h"
#include "core/storage/local_store.h"
#include "core/storage/store_decorator.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

constexpr int rounds = 12;
constexpr int backups = 6;
constexpr int prunes = 4;
constexpr std::uint32_t contents = 30;
constexpr std::size_t chunksOfABackup = 5;

/// Kills the process at one of the accesses to the store.
class MortalStore : public StoreDecorator {
  public:
    MortalStore(ObjectStore& inner, unsigned accesses) : StoreDecorator(inner), left_(accesses) {}

    std::unique_ptr<ObjectWriter> create(std::string_view name) override {
        step();
        return inner_.create(name);
    }
    void put(std::string_view name, ByteView data) override {
        step();
        inner_.put(name, data);
        step();
    }
    void read(std::string_view name, std::uint64_t offset, std::span<std::uint8_t> out) override {
        step();
        inner_.read(name, offset, out);
    }
    void remove(std::string_view name) override {
        step();
        inner_.remove(name);
        step();
    }

  private:
    void step() {
        if (left_-- == 0) ::kill(::getpid(), SIGKILL);
    }

    unsigned left_;
};

struct SharedCrash : testing::Test {
    SharedCrash() {
        for (const char* name : {"databases", "repository"}) {
            std::filesystem::create_directory(folder / name);
        }
        createWithAgent({objects, state, folder / "databases", clock}, agent);
        for (std::uint32_t n = 0; n < contents; ++n) {
            pool.push_back({ChunkKind::data, noise(1'500, n), {}});
        }
    }

    /// A program, as long as it has the repository open.
    struct Program {
        Program(SharedCrash& test, const std::string& name, unsigned accesses)
            : own(*test.disk, test.folder / "repository", name),
              mortal(own, accesses),
              lock(FileLock::take(Sharing::lockOf(test.folder.path(), name))),
              repository(placeOf(test, name), Repository::Access::write) {}

        RepositoryPlace placeOf(SharedCrash& test, const std::string& name) {
            RepositoryPlace place{mortal, test.state, test.folder / "databases", test.clock};
            place.sharing = Sharing{test.folder.path(), name, "index-" + name};
            return place;
        }

        LocalStore own;
        MortalStore mortal;
        FileLock lock;
        Repository repository;
    };

    // What a program says for the time after its death: one line for each.
    void note(const std::string& file, const SnapshotId& snapshot,
              const std::vector<std::size_t>& chunks = {}) {
        std::string line = snapshot.hex();
        for (const std::size_t chunk : chunks) line += " " + std::to_string(chunk);
        std::ofstream(folder / file, std::ios::app) << line + "\n" << std::flush;
    }

    std::map<SnapshotId, std::vector<std::size_t>> noted(const std::string& file) {
        std::map<SnapshotId, std::vector<std::size_t>> found;
        std::ifstream lines(folder / file);
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::string id;
            words >> id;
            auto& chunks = found[SnapshotId::from(fromHex(id))];
            for (std::size_t chunk = 0; words >> chunk;) chunks.push_back(chunk);
        }
        return found;
    }

    void receive(Repository& repository, std::mt19937& random) {
        const AgentKeys keys = repository.agentKeys(agent);
        for (int n = 0; n < backups; ++n) {
            WriteSession session(repository, agent.id, std::nullopt);
            std::vector<std::size_t> chosen(pool.size());
            std::iota(chosen.begin(), chosen.end(), 0U);
            std::ranges::shuffle(chosen, random);
            chosen.resize(chunksOfABackup);
            std::vector<ChunkId> ids;
            for (const std::size_t chunk : chosen) ids.push_back(idOf(keys, pool[chunk]));
            const std::vector<bool> missing = session.missing(ids);
            std::vector<TestChunk> sent;
            for (std::size_t i = 0; i < ids.size(); ++i) {
                if (missing[i]) sent.push_back(pool[chosen[i]]);
            }
            const TestChunk root = treeChunk(std::to_string(random()), ids);
            sent.push_back(root);
            writePack(session, keys, sent);
            if (random() % 4 == 0) continue;
            const SealedSnapshot snapshot = sealedSnapshot(keys, idOf(keys, root));
            session.commit(snapshot);
            note("committed", snapshot.registration.id, chosen);
        }
    }

    void tidy(Repository& repository, std::mt19937& random) {
        for (int n = 0; n < prunes; ++n) {
            repository.refresh();
            for (const SnapshotInfo& info : repository.ledger().snapshots()) {
                if (random() % 3 != 0) continue;
                note("forgotten", info.registration.id);  // before: it may go from here on
                repository.forget(info.registration.id);
            }
            for (const PackId& pack : repository.ledger().packsIn(PackState::received)) {
                if (random() % 2 == 0) setPackState(repository, pack, PackState::verified);
            }
            RunProgress progress;
            ProblemLog problems([](const Problem&) {});
            PruneSettings settings;
            settings.interrupted = true;
            runPrune(repository, settings, progress, problems, CancelToken());
        }
    }

    // Ends with 0 unless it is killed.
    template <class Work>
    pid_t start(const std::string& name, std::uint32_t seed, Work&& work) {
        const pid_t child = ::fork();
        if (child != 0) return child;
        try {
            std::mt19937 random(seed);
            Program program(*this, name, static_cast<unsigned>(random() % 250));
            work(program.repository, random);
            ::_exit(0);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s, seed %u: %s\n", name.c_str(), seed, error.what());
            ::_exit(1);
        }
    }

    static void expectEnd(pid_t child) {
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : status == 0);
    }

    void expectAllThere() {
        Program program(*this, "server", ~0U);
        Repository& repository = program.repository;
        const AgentKeys keys = repository.agentKeys(agent);
        const auto forgotten = noted("forgotten");
        for (const auto& [snapshot, chunks] : noted("committed")) {
            if (forgotten.contains(snapshot)) continue;
            const auto info = repository.ledger().snapshot(snapshot);
            ASSERT_TRUE(info);
            repository.snapshotBody(info->registration);
            for (const std::size_t chunk : chunks) {
                EXPECT_EQ(readChunk(repository, idOf(keys, pool[chunk])), pool[chunk].content);
            }
        }
    }

    MemoryFolder folder;
    std::unique_ptr<Disk> disk = makeSystemDisk();
    LocalStore objects{*disk, folder / "repository"};
    MemoryStore state;
    ManualClock clock;
    AgentIdentity agent = AgentIdentity::random();
    std::vector<TestChunk> pool;
};

TEST_F(SharedCrash, LosesNothingWhoeverIsKilledWhere) {
    for (std::uint32_t round = 0; round < rounds; ++round) {
        SCOPED_TRACE(round);
        const pid_t store = start("store", 2 * round, [this](Repository& repository, auto& random) {
            receive(repository, random);
        });
        const pid_t server =
            start("server", 2 * round + 1,
                  [this](Repository& repository, auto& random) { tidy(repository, random); });
        expectEnd(store);
        expectEnd(server);
        expectAllThere();
    }
    EXPECT_FALSE(noted("committed").empty());
}

}  // namespace
}  // namespace coffer
