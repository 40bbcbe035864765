#include "core/catalog/catalog_build.h"

#include "core/catalog/catalog_query.h"
#include "core/snapshot/snapshot_reader.h"
#include "core/snapshot/tree_walk.h"
#include "core/source/memory_source.h"
#include "tests/core/catalog/catalog_fixture.h"
#include "tests/core/pipeline/pipeline_fixture.h"

namespace coffer {
namespace {

class CatalogBuilds : public CatalogFixture {
  protected:
    CatalogBuilds() {
        source.addFolder("/data");
        source.addFile("/data/a", bytesOf("first"));
        source.addFolder("/data/sub");
        source.addFile("/data/sub/c", bytesOf("third"));
        source.addFolder("/data/turns");
        source.addFile("/data/turns/below", bytesOf("deep"));
        source.addSymlink("/data/sub/link", "../a");
    }

    SnapshotId backup() { return backups.backupPaths(source, {"/data"}).id; }

    void change(const std::string& path, const std::string& text) {
        source.change(path, [&](MemoryEntry& entry) {
            entry.setContent(toBytes(bytesOf(text)));
            entry.stat.ctime.seconds += 5;
            entry.stat.mtime.seconds += 5;
        });
    }

    /// `checks` looks are allowed before it is cut.
    void build(unsigned checks = ~0U) {
        unreadable.clear();
        if (!remember) failures = {};
        CatalogBuild(
            *backups.repository, file(), failures,
            [&] {
                if (checks-- == 0) throw Error(ErrorCode::cancelled, "cut");
            },
            [this](const SnapshotId& id, const Error&) { unreadable.push_back(id); }, 1)
            .run();
    }

    CatalogFile& file() {
        if (!file_) file_.emplace(path(), backups.repository->config().repositoryId);
        return *file_;
    }

    /// What going through every snapshot finds.
    std::map<SnapshotId, Told> walkAll() {
        std::map<SnapshotId, Told> told;
        for (const Snapshot& snapshot : loadSnapshots(*backups.repository)) {
            SnapshotReader reader(*backups.repository, snapshot.domain);
            TreeWalk walk(reader.chunks(), snapshot.root);
            while (walk.next()) {
                if (walk.leaving()) continue;
                const Attributes& attributes = walk.node().attributes;
                told[snapshot.id]["/" + walk.path()] = {attributes.type, attributes.size,
                                                        attributes.mtime};
            }
        }
        return told;
    }

    std::map<SnapshotId, Told> tellKnown() {
        file();  // of this repository
        return tellAll();
    }

    PipelineFixture backups;
    MemorySource source;
    std::vector<SnapshotId> unreadable;
    CatalogBuild::Failures failures;
    bool remember = false;  // of the build before what failed
};

TEST_F(CatalogBuilds, TellsWhatAWalkTells) {
    backup();
    build();
    EXPECT_EQ(tellKnown(), walkAll());
    source.remove("/data/a");
    source.addFile("/data/new", bytesOf("new"));
    change("/data/sub/c", "changed");
    backup();
    source.addFile("/data/a", bytesOf("back"));
    backup();
    build();
    EXPECT_EQ(tellKnown(), walkAll());
    EXPECT_TRUE(unreadable.empty());
}

TEST_F(CatalogBuilds, FoldersMayBecomeFilesAndTurnBack) {
    backup();
    source.remove("/data/turns");
    source.addFile("/data/turns", bytesOf("a file"));
    backup();
    source.remove("/data/turns");
    source.addFolder("/data/turns");
    source.addFile("/data/turns/other", bytesOf("deep"));
    backup();
    build();
    EXPECT_EQ(tellKnown(), walkAll());
}

TEST_F(CatalogBuilds, ALargeFolderIsReadPartByPart) {
    for (int i = 0; i < 3'000; ++i) {
        source.addFile("/data/sub/" + std::to_string(i), bytesOf("x"));
    }
    backup();
    change("/data/sub/17", "changed");
    source.remove("/data/sub/18");
    backup();
    build();
    EXPECT_EQ(tellKnown(), walkAll());
}

TEST_F(CatalogBuilds, CutAnywhereItEndsAsInOneGo) {
    for (int round = 0; round < 3; ++round) {
        source.addFile("/data/" + std::to_string(round), bytesOf("x"));
        change("/data/sub/c", std::to_string(round));
        backup();
    }
    for (unsigned checks = 0;; ++checks) {
        ASSERT_LT(checks, 1'000U);
        try {
            build(checks);
            break;
        } catch (const Error& error) {
            ASSERT_EQ(error.code(), ErrorCode::cancelled);
        }
        close();  // as the end of the process does
    }
    EXPECT_EQ(tellKnown(), walkAll());
}

TEST_F(CatalogBuilds, ForgottenAndPrunedSnapshotsLeaveIt) {
    const SnapshotId first = backup();
    source.addFile("/data/between", bytesOf("x"));
    const SnapshotId second = backup();
    source.remove("/data/between");
    const SnapshotId third = backup();
    build();
    backups.repository->forget(second);
    build();
    EXPECT_EQ(tellKnown(), walkAll());
    EXPECT_TRUE(pathsOf({.pattern = "between"}).empty());
    // The one that the next is compared with.
    backups.repository->forget(third);
    source.addFile("/data/late", bytesOf("x"));
    backup();
    build();
    EXPECT_EQ(tellKnown(), walkAll());
    backups.repository->forget(first);
    build();
    EXPECT_EQ(tellKnown(), walkAll());
}

TEST_F(CatalogBuilds, OneThatIsForgottenHalfReadIsDropped) {
    backup();
    build();
    for (int i = 0; i < 40; ++i) source.addFile("/data/n" + std::to_string(i), bytesOf("x"));
    const SnapshotId second = backup();
    expectError(ErrorCode::cancelled, [&] { build(20); });
    backups.repository->forget(second);
    backup();
    build();
    EXPECT_EQ(tellKnown(), walkAll());
}

// Too few are gone for a sweep of its own accord.
TEST_F(CatalogBuilds, ASourceGoesOnWhenItsNewestIsGoneAmongMany) {
    for (int round = 0; round < 12; ++round) {
        change("/data/sub/c", std::to_string(round));
        backup();
    }
    build();
    source.addFile("/data/late", bytesOf("x"));
    const SnapshotId newest = backup();
    build();
    backups.repository->forget(newest);
    source.remove("/data/late");
    const SnapshotId next = backup();
    build();
    EXPECT_TRUE(unreadable.empty());
    EXPECT_EQ(tellKnown(), walkAll());
    // Likewise one that was begun.
    for (int i = 0; i < 40; ++i) source.addFile("/data/n" + std::to_string(i), bytesOf("x"));
    const SnapshotId begun = backup();
    expectError(ErrorCode::cancelled, [&] { build(30); });
    backups.repository->forget(begun);
    for (int i = 0; i < 40; ++i) source.remove("/data/n" + std::to_string(i));
    backup();
    build();
    EXPECT_EQ(tellKnown(), walkAll());
    EXPECT_TRUE(tellKnown().contains(next));
}

TEST_F(CatalogBuilds, OneThatCannotBeReadIsNamedAndTheOthersAreRead) {
    const SnapshotId first = backup();
    build();
    const std::string object = "snapshots/" + first.hex();
    const Bytes octets = readAll(backups.store, object, 1 << 20);
    backups.store.remove(object);
    source.addFile("/data/new", bytesOf("x"));
    const SnapshotId second = backup();
    const Snapshot other = backups.backupPaths(source, {"/data/sub"});
    remember = true;
    build();
    // The first leaves the catalogue, so that the second need not be compared with it.
    EXPECT_EQ(unreadable, std::vector{first});
    EXPECT_FALSE(tellKnown().contains(first));
    EXPECT_TRUE(tellKnown().contains(second));
    EXPECT_TRUE(tellKnown().contains(other.id));
    change("/data/a", "later");
    const SnapshotId third = backup();
    build();
    EXPECT_TRUE(unreadable.empty()) << "named once";
    EXPECT_TRUE(tellKnown().contains(third));
    // It comes back, and with it all that it held.
    backups.store.put(object, octets);
    failures.snapshots.clear();
    build();
    EXPECT_EQ(tellKnown(), walkAll());
    change("/data/a", "once more");
    backup();
    build();
    EXPECT_EQ(tellKnown(), walkAll());
}

// A snapshot whose trees are damaged keeps no later one of its source from the catalogue.
TEST_F(CatalogBuilds, ADamagedSnapshotIsTakenInOnceItIsHealed) {
    const SnapshotId first = backup();
    build();
    const auto packsNow = [&] {
        std::vector<std::string> packs;
        backups.store.list("packs/",
                           [&](std::string_view name, std::uint64_t) { packs.emplace_back(name); });
        return packs;
    };
    const std::vector<std::string> before = packsNow();
    source.addFile("/data/turns/late", bytesOf("late"));
    const SnapshotId damaged = backup();
    std::map<std::string, Bytes> lost;
    for (const std::string& pack : packsNow()) {
        if (std::ranges::find(before, pack) != before.end()) continue;
        lost.emplace(pack, readAll(backups.store, pack, 1 << 20));
        backups.store.remove(pack);
    }
    ASSERT_FALSE(lost.empty());
    source.remove("/data/turns/late");
    const SnapshotId sound = backup();
    remember = true;
    build();
    EXPECT_EQ(unreadable, std::vector{damaged});
    EXPECT_TRUE(tellKnown().contains(first));
    EXPECT_FALSE(tellKnown().contains(damaged));
    EXPECT_TRUE(tellKnown().contains(sound));
    failures.snapshots.clear();
    build();
    EXPECT_TRUE(unreadable.empty());
    EXPECT_FALSE(tellKnown().contains(damaged));
    for (const auto& [pack, octets] : lost) backups.store.put(pack, octets);
    failures.snapshots.clear();
    build();
    EXPECT_EQ(tellKnown(), walkAll());
    backups.repository->forget(first);
    source.addFile("/data/b", bytesOf("b"));
    backup();
    build();
    EXPECT_EQ(tellKnown(), walkAll());
}

TEST_F(CatalogBuilds, WhereAllIsDamagedNothingIsKnown) {
    const SnapshotId first = backup();
    build();
    std::vector<SnapshotId> later;
    for (int round = 0; round < 3; ++round) {
        change("/data/sub/c", std::to_string(round));
        later.push_back(backup());
    }
    std::vector<std::string> packs;
    backups.store.list("packs/",
                       [&](std::string_view name, std::uint64_t) { packs.emplace_back(name); });
    for (const std::string& pack : packs) backups.store.remove(pack);
    remember = true;
    build();
    EXPECT_EQ(unreadable, later);
    build();
    EXPECT_TRUE(unreadable.empty());
    EXPECT_TRUE(tellKnown().contains(first)) << "what is known of it stays";
}

// As a server does that is to stop.
TEST_F(CatalogBuilds, AllThatTakesLongMayBeCut) {
    for (int i = 0; i < 3'000; ++i) {
        source.addFile("/data/turns/" + std::to_string(i), bytesOf("x"));
    }
    backup();
    build();
    unsigned looks = 0;
    expectError(ErrorCode::cancelled, [&] {
        file().check([&] {
            ++looks;
            throw Error(ErrorCode::cancelled, "cut");
        });
    });
    EXPECT_EQ(looks, 1U);
    source.remove("/data/turns");
    source.addFile("/data/turns", bytesOf("a file"));
    backup();
    expectError(ErrorCode::cancelled, [&] { build(100); });
    build();
    EXPECT_EQ(tellKnown(), walkAll());
}

TEST_F(CatalogBuilds, ADamagedFileIsNoticed) {
    backup();
    build();
    file().database().execute("PRAGMA writable_schema=ON");
    file().database().execute("DELETE FROM sqlite_master WHERE name = 'names_name'");
    close();
    expectError(ErrorCode::corrupt, [&] { file().check(); });
}

}  // namespace
}  // namespace coffer
