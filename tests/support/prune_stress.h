#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/threads.h"
#include "core/pipeline/prune_job.h"
#include "core/repository/write_session.h"
#include "tests/support/test_repository.h"

namespace coffer {

/// Backups, some of them cut, and forgetting on two threads, while a third one prunes and verifies
/// what was received: rounds of that, and what has to be there after each. Used by one thread.
class PruneStress {
  public:
    struct Size {
        std::uint32_t seed;
        int backupsOfAThread;  // in a round
        std::size_t contents;  // chunks of which backups choose
        std::size_t chunksOfABackup;
    };
    /// The repository as it is opened at present.
    using Opened = std::function<Repository&()>;

    /// Backups go to `backsUp`, all else happens in `prunes`, which may be the same or another
    /// program's.
    PruneStress(const Size& size, const AgentIdentity& agent, Opened backsUp, Opened prunes)
        : size_(size), agent_(agent), backsUp_(std::move(backsUp)), prunes_(std::move(prunes)) {
        for (std::uint32_t n = 0; n < size_.contents; ++n) {
            pool_.push_back({ChunkKind::data, noise(1'500, n), {}});
        }
    }

    void runRound(int round) {
        std::atomic<int> atWork{2};
        ThreadScope threads;
        const auto start = [&](const std::function<void()>& work) {
            threads.start(work, [&] { atWork = 0; });
        };
        for (int thread = 0; thread < 2; ++thread) {
            start([&, thread] {
                std::mt19937 random(size_.seed + static_cast<std::uint32_t>(10 * round + thread));
                for (int n = 0; n < size_.backupsOfAThread; ++n) {
                    backUpOnce(random, std::to_string(round) + "/" + std::to_string(thread) + "/" +
                                           std::to_string(n));
                    if (n % 2 == 0) continue;
                    if (const auto victim = anySnapshot(random, true)) prunes_().forget(*victim);
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

    /// Every snapshot that should exist can be read, through both.
    void expectAllThere() {
        snapshots_.with([&](Snapshots& all) {
            prunes_().refresh();
            EXPECT_EQ(prunes_().ledger().snapshots().size(), all.size());
            for (const auto& [snapshot, chunks] : all) {
                for (const TestChunk& chunk : chunks) {
                    EXPECT_EQ(readChunk(prunes_(), id(chunk)), chunk.content);
                    if (&prunes_() == &backsUp_()) continue;
                    EXPECT_EQ(readChunk(backsUp_(), id(chunk)), chunk.content);
                }
            }
        });
    }

    /// The last prunes leave next to nothing that nobody needs.
    void expectLittleLeft() {
        PruneSettings all;
        all.interrupted = true;
        verifyReceived();
        prune(all);
        const PruneResult last = prune(all);
        EXPECT_EQ(last.deleted.packs, 0U);
        EXPECT_EQ(last.leftovers, 0U);
        EXPECT_EQ(prunes_().ledger().totals(PackState::condemned).packs, 0U);
        EXPECT_LE(last.dead * 100, last.before.bytes * 30);
    }

  private:
    using Snapshots = std::map<SnapshotId, std::vector<TestChunk>>;  // each with list and root

    ChunkId id(const TestChunk& chunk) const { return idOf(keys(), chunk); }
    AgentKeys keys() const { return prunes_().agentKeys(agent_); }

    PruneResult prune(const PruneSettings& settings = {}) {
        RunProgress progress;
        ProblemLog problems([](const Problem& it) { ADD_FAILURE() << it.path << it.message; });
        const CancelToken cancel;
        return runPrune(prunes_(), settings, progress, problems, cancel);
    }

    // As the server does behind the commit.
    void verifyReceived() {
        Repository& repository = prunes_();
        repository.refresh();
        const std::vector<PackId> received = repository.ledger().packsIn(PackState::received);
        repository.recordChosen([&] {
            std::vector<ManifestPayload> records;
            for (const PackId& pack : received) {
                if (repository.ledger().stateOf(pack) != PackState::received) continue;
                records.emplace_back(PackStateRecord{pack, PackState::verified});
            }
            return records;
        });
    }

    // Sends what is asked for, in two packs, and now and then is cut before the commit.
    void backUpOnce(std::mt19937& random, const std::string& name) {
        std::vector<TestChunk> chosen = pool_;
        std::ranges::shuffle(chosen, random);
        chosen.resize(size_.chunksOfABackup);
        std::optional<SnapshotId> base;
        if (random() % 2 == 0) base = anySnapshot(random, false);
        WriteSession session(backsUp_(), agent_.id, base);
        std::vector<ChunkId> ids;
        for (const TestChunk& chunk : chosen) ids.push_back(id(chunk));
        const std::vector<bool> missing = session.missing(ids);
        std::vector<TestChunk> sent;
        for (std::size_t i = 0; i < chosen.size(); ++i) {
            if (missing[i]) sent.push_back(chosen[i]);
        }
        if (!sent.empty()) writePack(session, keys(), sent);
        const auto half = ids.begin() + static_cast<std::ptrdiff_t>(size_.chunksOfABackup / 2);
        const TestChunk list = listChunk("list of " + name, {ids.begin(), half});
        std::vector<ChunkId> below(half, ids.end());
        below.push_back(id(list));
        const TestChunk root = treeChunk("root of " + name, below);
        writePack(session, keys(), std::vector{list, root});
        if (random() % 4 == 0) return;
        const SealedSnapshot snapshot = sealedSnapshot(keys(), id(root), name);
        session.commit(snapshot);
        chosen.push_back(list);
        chosen.push_back(root);
        snapshots_.with([&](Snapshots& all) { all[snapshot.registration.id] = std::move(chosen); });
    }

    // Nothing while there are few; one that is taken should not exist any more.
    std::optional<SnapshotId> anySnapshot(std::mt19937& random, bool take) {
        return snapshots_.with([&](Snapshots& all) -> std::optional<SnapshotId> {
            if (all.size() < 4) return {};
            const auto found = std::next(all.begin(), static_cast<long>(random() % all.size()));
            const SnapshotId chosen = found->first;
            if (take) all.erase(found);
            return chosen;
        });
    }

    const Size size_;
    const AgentIdentity& agent_;
    const Opened backsUp_;
    const Opened prunes_;
    std::vector<TestChunk> pool_;
    Guarded<Snapshots> snapshots_;
};

}  // namespace coffer
