#include "core/pipeline/copy_job.h"

#include <gtest/gtest.h>

#include "core/pipeline/prune_job.h"
#include "core/repository/server_agent.h"
#include "core/snapshot/content_list.h"
#include "core/snapshot/tree_walk.h"
#include "core/source/memory_source.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/expect_error.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

// A store that counts what it is sent, and fails after so many packs.
class WatchedStore : public BackupStore {
  public:
    explicit WatchedStore(BackupStore& store) : store_(store) {}

    const SessionTerms& terms() const override { return store_.terms(); }
    std::vector<bool> missing(std::span<const ChunkId> ids) override { return store_.missing(ids); }
    std::unique_ptr<PackUpload> openPack() override {
        if (packsLeft == 0) throw Error(ErrorCode::ioError, "the server is gone");
        --packsLeft;
        return store_.openPack();
    }
    Timestamp commit(const SealedSnapshot& snapshot) override {
        if (!commits) throw Error(ErrorCode::ioError, "the server is gone");
        return store_.commit(snapshot);
    }

    unsigned packsLeft = 1'000;
    bool commits = true;

  private:
    BackupStore& store_;
};

struct CopyTest : testing::Test {
    CopyTest() {
        there.repository->enrol(copyAgent(here.agent.id), there.repository->config().server);
        source.addFolder("/data");
        source.addFile("/data/a", bytesOf("first"));
        source.addFile("/data/big", noise(3'000'000, 1));
        source.addFile("/data/empty", {});
        source.addFolder("/data/sub");
        source.addFolder("/data/sub/deep");
        source.addFile("/data/sub/deep/c", noise(200'000, 2));
        source.addSymlink("/data/sub/link", "../a");
        source.addLink("/data/sub/deep/c", "/data/linked");
        source.addSpecial("/data/fifo", EntryType::fifo);
        source.change("/data/a", [](MemoryEntry& entry) {
            entry.details.xattrs = {{"user.large", noise(100'000, 3)},
                                    {"user.small", toBytes(bytesOf("x"))}};
        });
    }

    Snapshot backup() { return here.backupPaths(source, {"/data"}); }

    SnapshotOrigin originOf(const Snapshot& snapshot) {
        return {here.repository->config().repositoryId, snapshot.id, snapshot.agent,
                snapshot.committed};
    }

    std::unordered_set<SnapshotId, IdHash> present() {
        std::unordered_set<SnapshotId, IdHash> ids;
        for (const SnapshotInfo& info : there.repository->ledger().snapshots()) {
            ids.insert(info.registration.id);
        }
        return ids;
    }

    Snapshot copy(const Snapshot& snapshot) {
        return copy(snapshot, [](WatchedStore&) {});
    }

    template <class Prepare>
    Snapshot copy(const Snapshot& snapshot, Prepare&& prepare) {
        Repository& to = *there.repository;
        const AgentId agent = copyAgent(here.agent.id);
        const AgentKeys keys = to.agentKeys({agent, to.keys().sign});
        CopyMap map(there.scratch / "map.db", here.repository->config().repositoryId,
                    to.config().repositoryId);
        WriteSession session(to, agent, {}, {});
        WatchedStore store(session);
        prepare(store);
        ReadSession reading(*here.repository);
        ChunkReader chunks(reading, here.domainKey());
        progress = std::make_unique<RunProgress>();
        const auto snapshots = present();
        return runCopy(
            snapshot, originOf(snapshot), chunks, {store, keys, map, snapshots},
            [](std::uint64_t) {}, *progress, cancel);
    }

    // Path, attributes and content of everything, in one text for each.
    static std::vector<std::string> listed(PipelineFixture& at, const Snapshot& snapshot) {
        ReadSession reading(*at.repository);
        ChunkReader chunks(reading, at.domainKey());
        std::vector<std::string> lines;
        TreeWalk walk(chunks, snapshot.root);
        while (walk.next()) {
            if (walk.leaving()) continue;
            TreeNode node = walk.node();
            std::string line = walk.path() + " ";
            Bytes content(node.attributes.type == EntryType::file ? node.attributes.size : 0);
            if (!content.empty()) readContent(node.content, chunks, 0, content);
            line += sha256(content).hex();
            for (const NamedStream& stream : node.streams) {
                Bytes octets(stream.size);
                readContent(stream.content, chunks, 0, octets);
                line += " " + stream.name + " " + sha256(octets).hex();
            }
            for (NamedStream& stream : node.streams) stream.content = {};
            node.content = {};
            node.tree.reset();
            lines.push_back(line + " " + toHex(node.encode()));
        }
        return lines;
    }

    PipelineFixture here;
    PipelineFixture there;
    MemorySource source;
    std::unique_ptr<RunProgress> progress;
    CancelToken cancel;
};

TEST_F(CopyTest, IsTheSameInTheOtherRepository) {
    const Snapshot original = backup();
    const Snapshot made = copy(original);
    const Snapshot found = findSnapshot(*there.repository, made.id.hex());
    EXPECT_EQ(listed(there, found), listed(here, original));
    EXPECT_EQ(listed(there, found).size(), 10U);
    EXPECT_EQ(found.host, original.host);
    EXPECT_EQ(found.paths, original.paths);
    EXPECT_EQ(found.started, original.started);
    EXPECT_EQ(found.statistics, original.statistics);
    EXPECT_EQ(found.agent, copyAgent(here.agent.id));
    EXPECT_EQ(found.origin, originOf(original));
    EXPECT_EQ(found.backedUp(), original.committed);
    EXPECT_NE(found.root.tree, original.root.tree);
    EXPECT_EQ(there.verify().damaged.size(), 0U) << there.problemText();
}

TEST_F(CopyTest, WhatIsThereIsNotReadAgain) {
    copy(backup());
    source.addFile("/data/new", noise(100'000, 5));
    const Snapshot original = backup();
    const Snapshot made = copy(original);
    EXPECT_EQ(listed(there, made), listed(here, original));
    // Of the folder that changed small files are read again; the folder below is taken over whole.
    EXPECT_LT(progress->readBytes, 300'000U);
    EXPECT_EQ(progress->folders, 2U);
    EXPECT_LT(progress->newBytes, 110'000U);
}

TEST_F(CopyTest, OneThatWasCutGoesOn) {
    const Snapshot original = backup();
    expectError(ErrorCode::ioError,
                [&] { copy(original, [](WatchedStore& store) { store.commits = false; }); });
    EXPECT_TRUE(there.repository->ledger().snapshots().empty());
    const Snapshot made = copy(original);
    EXPECT_EQ(listed(there, made), listed(here, original));
    EXPECT_EQ(progress->newBytes, 0U);
    EXPECT_EQ(there.verify().damaged.size(), 0U);
}

TEST_F(CopyTest, ACutCopyTakesNothingAwayFromTheOneBefore) {
    copy(backup());
    source.addFile("/data/new", bytesOf("new"));
    const Snapshot original = backup();
    expectError(ErrorCode::ioError,
                [&] { copy(original, [](WatchedStore& store) { store.commits = false; }); });
    EXPECT_EQ(progress->folders, 2U);
    copy(original);
    EXPECT_EQ(progress->folders, 2U);  // not the one below
    EXPECT_EQ(progress->newBytes, 0U);
}

TEST_F(CopyTest, IsNotMisledByTreesThatACutCopyLeft) {
    const Snapshot original = backup();
    // The content never arrived, maybe the trees did.
    expectError(ErrorCode::ioError,
                [&] { copy(original, [](WatchedStore& store) { store.packsLeft = 1; }); });
    const Snapshot made = copy(original);
    EXPECT_EQ(listed(there, made), listed(here, original));
}

TEST_F(CopyTest, WhatWasForgottenAndPrunedIsStoredAgain) {
    const Snapshot original = backup();
    const Snapshot made = copy(original);
    there.repository->forget(made.id);
    ProblemLog log;
    RunProgress pruning;
    runPrune(*there.repository, {.repackAt = 1, .interrupted = true}, pruning, log, cancel);
    const Snapshot again = copy(original);
    EXPECT_EQ(again.id, made.id);
    EXPECT_EQ(listed(there, again), listed(here, original));
    EXPECT_EQ(there.verify().damaged.size(), 0U);
}

TEST_F(CopyTest, WhatCannotBeReadWholeIsNotCopied) {
    const Snapshot original = backup();
    here.damage(here.largestPack(), 0.5);
    EXPECT_TRUE(errorOf([&] { copy(original); }));
    EXPECT_TRUE(there.repository->ledger().snapshots().empty());
}

TEST_F(CopyTest, AnAgentsWordForAnOriginIsNotBelieved) {
    const Snapshot original = backup();
    copy(original);
    // The same body under an agent of its own.
    Snapshot forged = original;
    forged.id = SnapshotId{{7}};
    forged.origin = originOf(original);
    WriteSession session(*here.repository, here.agent.id, original.id);
    const AgentKeys keys = here.repository->agentKeys(here.agent);
    session.commit(sealSnapshot(keys, forged.id, *forged.root.tree, false, forged.encodeBody()));
    EXPECT_FALSE(findSnapshot(*here.repository, forged.id.hex()).origin);
    expectError(ErrorCode::conflict, [&] {
        there.repository->enrol(copyAgent(here.agent.id), here.agent.sign.verifyKey());
    });
}

TEST_F(CopyTest, StopsWhenItIsAskedTo) {
    const Snapshot original = backup();
    cancel.request();
    expectError(ErrorCode::cancelled, [&] { copy(original); });
}

}  // namespace
}  // namespace coffer
