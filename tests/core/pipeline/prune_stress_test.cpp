// Backups, forgetting, reading, verifying and pruning at the same time, with sessions that are cut
// and a server that is killed; then every snapshot that should exist is there, and garbage is
// bounded.
#include <algorithm>
#include <atomic>
#include <map>
#include <random>

#include "core/base/guarded.h"
#include "core/base/random.h"
#include "core/base/threads.h"
#include "tests/core/pipeline/prune_fixture.h"

namespace coffer {
namespace {

constexpr std::uint32_t seed = 20'260;
constexpr int rounds = 3;
constexpr int backupsOfAThread = 12;
constexpr std::size_t contents = 150;
constexpr std::size_t chunksOfABackup = 25;

struct Made {
    std::vector<TestChunk> chunks;  // with its list and its root
};
using Snapshots = std::map<SnapshotId, Made>;

struct PruneStress : PruneFixture {
    PruneStress() {
        for (std::uint32_t n = 0; n < contents; ++n) {
            pool.push_back({ChunkKind::data, noise(1'500, n), {}});
        }
    }

    // Sends what is asked for, in two packs, and now and then is cut before the commit.
    void backUpOnce(std::mt19937& random, const std::string& name) {
        Made made;
        std::vector<TestChunk> chosen = pool;
        std::ranges::shuffle(chosen, random);
        chosen.resize(chunksOfABackup);
        WriteSession session(*setting, setting.agent.id, std::nullopt);
        std::vector<ChunkId> ids;
        for (const TestChunk& chunk : chosen) ids.push_back(id(chunk));
        const std::vector<bool> missing = session.missing(ids);
        std::vector<TestChunk> sent;
        for (std::size_t i = 0; i < chosen.size(); ++i) {
            if (missing[i]) sent.push_back(chosen[i]);
        }
        if (!sent.empty()) send(session, sent);
        const auto half = ids.begin() + chunksOfABackup / 2;
        const TestChunk list = listChunk("list of " + name, {ids.begin(), half});
        std::vector<ChunkId> below(half, ids.end());
        below.push_back(id(list));
        const TestChunk root = treeChunk("root of " + name, below);
        send(session, {list, root});
        if (random() % 4 == 0) return;
        const SealedSnapshot snapshot = sealedSnapshot(setting.keys(), id(root), name);
        session.commit(snapshot);
        made.chunks = std::move(chosen);
        made.chunks.push_back(list);
        made.chunks.push_back(root);
        snapshots.with([&](Snapshots& all) { all[snapshot.registration.id] = std::move(made); });
    }

    void forgetOne(std::mt19937& random) {
        const auto victim = snapshots.with([&](Snapshots& all) -> std::optional<SnapshotId> {
            if (all.size() < 4) return {};
            const auto found = std::next(all.begin(), static_cast<long>(random() % all.size()));
            const SnapshotId chosen = found->first;
            all.erase(found);
            return chosen;
        });
        if (victim) setting->forget(*victim);
    }

    // As the server does behind the commit.
    void verifyReceived() {
        const std::vector<PackId> received = setting->ledger().packsIn(PackState::received);
        setting->recordChosen([&] {
            std::vector<ManifestPayload> records;
            for (const PackId& pack : received) {
                if (setting->ledger().stateOf(pack) != PackState::received) continue;
                records.emplace_back(PackStateRecord{pack, PackState::verified});
            }
            return records;
        });
    }

    void expectAllThere() {
        snapshots.with([&](Snapshots& all) {
            EXPECT_EQ(setting->ledger().snapshots().size(), all.size());
            for (const auto& [snapshot, made] : all) {
                for (const TestChunk& chunk : made.chunks) EXPECT_TRUE(isThere(chunk));
            }
        });
    }

    void runRound(int round) {
        std::atomic<int> atWork{2};
        ThreadScope threads;
        const auto start = [&](const std::function<void()>& work) {
            threads.start(work, [&] { atWork = 0; });
        };
        for (int thread = 0; thread < 2; ++thread) {
            start([&, thread] {
                std::mt19937 random(seed + static_cast<std::uint32_t>(10 * round + thread));
                for (int n = 0; n < backupsOfAThread; ++n) {
                    backUpOnce(random, std::to_string(round) + "/" + std::to_string(thread) + "/" +
                                           std::to_string(n));
                    if (n % 2 == 1) forgetOne(random);
                }
                --atWork;
            });
        }
        start([&] {
            while (atWork > 0) {
                prune();
                verifyReceived();
            }
        });
        threads.join();
    }

    std::vector<TestChunk> pool;
    Guarded<Snapshots> snapshots;
};

TEST_F(PruneStress, LosesNothingAndLeavesLittle) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    for (int round = 0; round < rounds; ++round) {
        runRound(round);
        // Killed: a session's row stays, an object that was not registered, too.
        setting->ledger().beginSession({randomId<SessionId>(), setting.agent.id, 1});
        setting.store.put(packName(randomId<PackId>()), noise(300, 7));
        if (round == 1) setting.removeLedger();
        setting.open();
        expectAllThere();
    }
    PruneSettings all;
    all.interrupted = true;
    verifyReceived();
    prune(all);
    const PruneResult last = prune(all);
    EXPECT_EQ(last.deleted.packs, 0U);
    EXPECT_EQ(last.leftovers, 0U);
    EXPECT_EQ(totals(PackState::condemned).packs, 0U);
    EXPECT_LE(last.dead * 100, last.before.bytes * 30);
    expectAllThere();
}

}  // namespace
}  // namespace coffer
