#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>

#include "core/base/guarded.h"
#include "core/source/memory_source.h"
#include "core/source/memory_target.h"
#include "core/storage/store_decorator.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

class Damage : public testing::Test {
  protected:
    Damage() {
        source.addFolder("/data");
        for (std::uint32_t i = 0; i < 6; ++i) {
            source.addFile("/data/f" + std::to_string(i), noise(300'000, i));
        }
        source.addFile("/data/small", bytesOf("small"));
    }
    Snapshot backup() { return fixture.backupPaths(source, {"/data"}); }

    std::vector<std::string> packs() {
        std::vector<std::string> names;
        fixture.store.list("packs/", [&](std::string_view name, std::uint64_t size) {
            names.emplace_back(name);
            sizes[names.back()] = size;
        });
        std::ranges::sort(names, {}, [&](const std::string& name) { return sizes[name]; });
        return names;  // the smallest, that of the trees, first
    }
    void flip(const std::string& name, std::uint64_t at) {
        Bytes data = readAll(fixture.store, name, 1U << 28);
        data.at(at) ^= 0x40;
        fixture.store.put(name, data);
        fixture.reopen();  // without what was cached
    }

    PipelineFixture fixture;
    MemorySource source;
    std::map<std::string, std::uint64_t> sizes;
};

TEST_F(Damage, AFlippedBitCostsTheFilesOfItsBlockAndNoOther) {
    const Snapshot snapshot = backup();
    const std::string pack = packs().back();
    flip(pack, sizes[pack] / 2);
    MemoryTarget target;
    fixture.restore(fixture.node(snapshot, "/data"), target);
    // Which files share a block depends on the workers; it is smaller than two of the large ones.
    EXPECT_GE(fixture.problems.size(), 1U);
    EXPECT_LE(fixture.problems.size(), 4U) << fixture.problemText();
    EXPECT_EQ(target.paths().size() + fixture.problems.size(), 7U) << fixture.problemText();
    for (const std::string& path : target.paths()) {
        EXPECT_TRUE(target.isFinished(path)) << path;
        for (const Problem& problem : fixture.problems) EXPECT_NE(path, problem.path);
    }
}

TEST_F(Damage, VerifyFindsItAndTheNextBackupHeals) {
    backup();
    const std::string pack = packs().back();
    flip(pack, sizes[pack] / 2);
    const VerifyResult found = fixture.verify();
    EXPECT_EQ(found.damaged.size(), 1U);
    EXPECT_NE(fixture.problemText().find(pack), std::string::npos) << fixture.problemText();
    const Snapshot healed = backup();
    EXPECT_GE(healed.statistics.newBytes, 1'800'000U);
    const VerifyResult after = fixture.verify();
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_TRUE(after.damaged.empty());
    EXPECT_EQ(after.replaced.size(), 1U);
    EXPECT_TRUE(fixture.verify().replaced.empty());  // settled
    MemoryTarget target;
    fixture.restore(fixture.node(healed, "/data"), target);
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_EQ(target.content("f3"), noise(300'000, 3));
}

TEST_F(Damage, ADamagedTreeHeals) {
    const Snapshot first = backup();
    const std::string trees = packs().front();
    flip(trees, 300);
    MemoryTarget none;
    EXPECT_THROW(fixture.restore(fixture.node(first, "/data"), none), Error);
    EXPECT_EQ(fixture.verify().damaged.size(), 1U);
    const Snapshot healed = backup();
    EXPECT_EQ(healed.statistics.readBytes, 0U);  // only the trees had to be made again
    MemoryTarget target;
    fixture.restore(fixture.node(healed, "/data"), target);
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_EQ(target.paths().size(), 7U);
}

TEST_F(Damage, AMissingPackIsFoundAndHeals) {
    backup();
    fixture.store.remove(packs().back());
    fixture.reopen();
    EXPECT_EQ(fixture.verify().damaged.size(), 1U);
    const Snapshot healed = backup();
    const VerifyResult after = fixture.verify();
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_TRUE(after.damaged.empty());
    EXPECT_EQ(after.replaced.size(), 1U);
    MemoryTarget target;
    fixture.restore(fixture.node(healed, "/data"), target);
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_EQ(target.content("f5"), noise(300'000, 5));
}

/// Does something once when a snapshot is read.
class SnapshotWatch : public StoreDecorator {
  public:
    using StoreDecorator::StoreDecorator;
    void read(std::string_view name, std::uint64_t offset, std::span<std::uint8_t> out) override {
        if (name.starts_with("snapshots/") && once) std::exchange(once, {})();
        inner_.read(name, offset, out);
    }
    std::function<void()> once;
};

TEST_F(Damage, ALostPackStaysSuspectWhenASnapshotIsCommittedMeanwhile) {
    backup();
    fixture.store.remove(packs().back());
    fixture.reopen();
    fixture.verify();
    backup();
    SnapshotWatch watch(fixture.store);
    RepositoryPlace place = fixture.place();
    fixture.repository.reset();
    fixture.repository = std::make_unique<Repository>(
        RepositoryPlace{watch, place.state, place.databases, place.clock},
        Repository::Access::write);
    watch.once = [&] { backup(); };
    EXPECT_EQ(fixture.verify().replaced.size(), 1U);
    EXPECT_FALSE(watch.once);
    EXPECT_EQ(fixture.packsIn(PackState::suspect), 1U);
    EXPECT_EQ(fixture.verify().replaced.size(), 1U);
    EXPECT_EQ(fixture.packsIn(PackState::condemned), 1U);
    EXPECT_TRUE(fixture.verify().replaced.empty());
    fixture.reopen();
}

TEST_F(Damage, NothingIsBackedUpOntoPacksThatAreAllGone) {
    for (const bool verified : {false, true}) {
        backup();
        if (verified) fixture.verify();
        ASSERT_EQ(packs().size(), 2U);
        for (const std::string& pack : packs()) fixture.store.remove(pack);
        fixture.reopen();
        expectError(
            ErrorCode::notFound, [&] { backup(); }, "disk mounted");
        EXPECT_TRUE(packs().empty());
        EXPECT_EQ(fixture.verify().damaged.size(), 2U);
    }
    source.addFile("/data/new", bytesOf("new"));
    const Snapshot healed = backup();
    fixture.verify();
    MemoryTarget target;
    fixture.restore(fixture.node(healed, "/data"), target);
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_EQ(target.content("f5"), noise(300'000, 5));
    EXPECT_EQ(target.content("new"), toBytes(bytesOf("new")));
}

TEST_F(Damage, WhoAsksForTheLatestIsToldTheNewestSoundOne) {
    const Snapshot first = backup();
    const Snapshot second = backup();
    EXPECT_EQ(findSnapshot(*fixture.repository, "latest").id, second.id);
    fixture.store.remove(snapshotName(second.id));
    const auto latest = [&] { findSnapshot(*fixture.repository, "latest"); };
    expectError(ErrorCode::notFound, latest, "can is " + first.id.hex());
    fixture.store.remove(snapshotName(first.id));
    expectError(ErrorCode::notFound, latest, second.id.hex());
}

TEST_F(Damage, EveryPartOfAPackIsCovered) {
    backup();
    const std::string pack = packs().front();
    const Bytes sound = readAll(fixture.store, pack, 1U << 28);
    for (std::size_t at = 0; at < sound.size(); at += 7) {
        Bytes broken = sound;
        broken[at] ^= 1;
        fixture.store.put(pack, broken);
        ProblemLog log;
        RunProgress progress;
        fixture.reopen();
        const VerifyResult result =
            runVerify(*fixture.repository, {1, false, {}}, progress, log, fixture.cancel);
        EXPECT_EQ(result.damaged.size(), 1U) << "octet " << at;
    }
}

TEST_F(Damage, SoundPacksAndLeftoversAreTold) {
    backup();
    fixture.store.put("packs/ab/abababababababababababababababab", bytesOf("left over"));
    const VerifyResult result = fixture.verify();
    EXPECT_TRUE(result.damaged.empty());
    EXPECT_EQ(fixture.problemText(), "");
    ASSERT_EQ(result.unregistered.size(), 1U);
    EXPECT_EQ(fixture.repository->ledger().packsIn(PackState::verified).size(), result.packs);
}

TEST_F(Damage, AMissingSnapshotObjectIsFound) {
    const Snapshot snapshot = backup();
    fixture.store.remove(snapshotName(snapshot.id));
    fixture.verify();
    EXPECT_NE(fixture.problemText().find("snapshots/"), std::string::npos);
}

/// A store that gives up after some blocks.
class TiredStore : public RestoreStore {
  public:
    explicit TiredStore(Repository& repository) : session_(repository) {}
    std::vector<PlannedBlock> plan(std::span<const ChunkId> ids) override {
        return session_.plan(ids);
    }
    Bytes fetch(const PlannedBlock& block) override {
        if (fetched_++ == 3) throw Error(ErrorCode::unavailable, "no answer").endingRun();
        return session_.fetch(block);
    }

  private:
    ReadSession session_;
    std::atomic<unsigned> fetched_{0};
};

TEST_F(Damage, AStoreOutOfReachEndsTheRestore) {
    const Snapshot snapshot = backup();
    TiredStore store(*fixture.repository);
    MemoryTarget target;
    ProblemLog log([](const Problem& problem) { ADD_FAILURE() << problem.message; });
    RunProgress progress;
    expectError(ErrorCode::unavailable, [&] {
        runRestore(store, fixture.domainKey(), fixture.node(snapshot, "/data"), target, {false, 2},
                   progress, log, fixture.cancel);
    });
}

/// A store in which a prune deletes the packs of the first plan before anything is fetched: the
/// chunks lie in others from then on, or nowhere.
class PrunedStore : public RestoreStore {
  public:
    PrunedStore(Repository& repository, bool movedElsewhere)
        : session_(repository), movedElsewhere_(movedElsewhere) {}
    std::vector<PlannedBlock> plan(std::span<const ChunkId> ids) override {
        if (fetchedInVain_ > 0 && !movedElsewhere_) {
            throw Error(ErrorCode::notFound, "in no readable pack");
        }
        return session_.plan(ids);
    }
    Bytes fetch(const PlannedBlock& block) override {
        const bool isContent = block.place.kind == ChunkKind::data;
        if (isContent &&
            gone_.with([&](auto& gone) { return gone.insert(blockOf(block)).second; })) {
            ++fetchedInVain_;
            throw Error(ErrorCode::notFound, "the pack is missing");
        }
        return session_.fetch(block);
    }

  private:
    static std::pair<PackId, std::uint32_t> blockOf(const PlannedBlock& block) {
        return {block.access.pack, block.access.number};
    }

    ReadSession session_;
    const bool movedElsewhere_;
    std::atomic<unsigned> fetchedInVain_{0};
    Guarded<std::set<std::pair<PackId, std::uint32_t>>> gone_;  // once
};

TEST_F(Damage, ChunksOfAPackThatIsGoneArePlannedAgain) {
    const Snapshot snapshot = backup();
    PrunedStore store(*fixture.repository, true);
    MemoryTarget target;
    ProblemLog log([](const Problem& problem) { ADD_FAILURE() << problem.message; });
    RunProgress progress;
    runRestore(store, fixture.domainKey(), fixture.node(snapshot, "/data"), target, {false, 2},
               progress, log, fixture.cancel);
    EXPECT_EQ(target.paths().size(), 7U);
    for (std::uint32_t i = 0; i < 6; ++i) {
        EXPECT_EQ(target.content("f" + std::to_string(i)), noise(300'000, i));
    }
}

/// A store that gives several blocks at a time, as one across a network does: all of them or none.
class FarStore : public RestoreStore {
  public:
    explicit FarStore(Repository& repository) : session_(repository) {}
    std::vector<PlannedBlock> plan(std::span<const ChunkId> ids) override {
        return session_.plan(ids);
    }
    Bytes fetch(const PlannedBlock& block) override {
        ++fetchedAlone;
        return session_.fetch(block);
    }
    bool fetchSome(std::span<const PlannedBlock> blocks, const UseSealed& use) override {
        if (refuses) return false;
        std::vector<Bytes> all;
        for (const PlannedBlock& block : blocks) all.push_back(session_.fetch(block));
        fetchedTogether += static_cast<unsigned>(all.size());
        use(std::vector<ByteView>(all.begin(), all.end()));
        return true;
    }

    bool refuses = false;
    std::atomic<unsigned> fetchedAlone{0};
    std::atomic<unsigned> fetchedTogether{0};

  private:
    ReadSession session_;
};

TEST_F(Damage, BlocksAreFetchedTogetherWhereTheStoreCan) {
    for (std::uint32_t i = 0; i < 40; ++i) {
        source.addFile("/data/more" + std::to_string(i), noise(200'000, 100 + i));
    }
    const Snapshot snapshot = backup();
    const std::string pack = packs().back();
    flip(pack, sizes[pack] / 2);
    std::size_t damaged = 0;
    for (const bool refuses : {false, true}) {
        FarStore store(*fixture.repository);
        store.refuses = refuses;
        MemoryTarget target;
        fixture.problems.clear();
        ProblemLog log([&](const Problem& problem) { fixture.problems.push_back(problem); });
        RunProgress progress;
        runRestore(store, fixture.domainKey(), fixture.node(snapshot, "/data"), target, {false, 2},
                   progress, log, fixture.cancel);
        EXPECT_EQ(store.fetchedTogether > 0, !refuses);
        // The damage costs the same files, and what is in the other blocks of its call is there.
        if (!refuses) damaged = fixture.problems.size();
        EXPECT_GE(damaged, 1U);
        EXPECT_LE(damaged, 4U);
        EXPECT_EQ(fixture.problems.size(), damaged);
        EXPECT_EQ(target.paths().size() + damaged, 47U) << fixture.problemText();
    }
}

TEST_F(Damage, WhatIsNowhereAfterAPruneCostsItsFilesAlone) {
    source.addFolder("/data/empty");
    const Snapshot snapshot = backup();
    PrunedStore store(*fixture.repository, false);
    MemoryTarget target;
    Guarded<std::set<std::string>> failed;
    ProblemLog log([&](const Problem& problem) {
        failed.with([&](auto& paths) { EXPECT_TRUE(paths.insert(problem.path).second); });
    });
    RunProgress progress;
    runRestore(store, fixture.domainKey(), fixture.node(snapshot, "/data"), target, {false, 2},
               progress, log, fixture.cancel);
    EXPECT_EQ(failed.with([](auto& paths) { return paths.size(); }), 7U);
    EXPECT_EQ(target.paths(), std::vector<std::string>{"empty"});
    EXPECT_TRUE(target.isFinished("empty"));
}

TEST_F(Damage, AFullTargetEndsTheRestoreClearly) {
    const Snapshot snapshot = backup();
    MemoryTarget target;
    target.failWhenFull(500'000);
    try {
        fixture.restore(fixture.node(snapshot, "/data"), target);
        FAIL() << "should have failed";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::noSpace) << error.what();
    }
}

TEST_F(Damage, ARefusedAttributeIsAWarningNotAnEnd) {
    const Snapshot snapshot = backup();
    MemoryTarget target;
    target.refuseAt("f2", "owner 0:0: Operation not permitted");
    target.failAt("f4", ErrorCode::permissionDenied);
    fixture.restore(fixture.node(snapshot, "/data"), target);
    EXPECT_EQ(fixture.problems.size(), 2U) << fixture.problemText();
    EXPECT_EQ(target.content("f5"), noise(300'000, 5));
}

TEST_F(Damage, AnInterruptedRestoreGoesOn) {
    const Snapshot snapshot = backup();
    MemoryTarget target(true);
    target.failWhenFull(1'000'000);
    EXPECT_THROW(fixture.restore(fixture.node(snapshot, "/data"), target), Error);
    target.failWhenFull(~std::uint64_t{0});
    fixture.restore(fixture.node(snapshot, "/data"), target, true);
    EXPECT_EQ(fixture.problemText(), "");
    for (std::uint32_t i = 0; i < 6; ++i) {
        EXPECT_EQ(target.content("f" + std::to_string(i)), noise(300'000, i));
    }
}

}  // namespace
}  // namespace coffer
