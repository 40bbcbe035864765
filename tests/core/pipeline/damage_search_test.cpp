#include "core/pipeline/damage_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/source/memory_source.h"
#include "core/source/memory_target.h"
#include "tests/core/pipeline/pipeline_fixture.h"

namespace coffer {
namespace {

/// Two snapshots: files of a folder that both have, and one that only the second has.
class DamageSearchTest : public testing::Test {
  protected:
    DamageSearchTest() {
        source.addFolder("/data");
        source.addFolder("/data/deep");
        for (std::uint32_t i = 0; i < 6; ++i) {
            source.addFile("/data/deep/f" + std::to_string(i), noise(300'000, i));
        }
        first = fixture.backupPaths(source, {"/data"});
        before = packs();
        source.addFile("/data/late", noise(400'000, 77));
        second = fixture.backupPaths(source, {"/data"});
    }

    /// By size: the smallest, that of the trees, first.
    std::vector<std::string> packs() {
        std::vector<std::pair<std::uint64_t, std::string>> found;
        fixture.store.list("packs/", [&](std::string_view name, std::uint64_t size) {
            found.emplace_back(size, name);
        });
        std::ranges::sort(found);
        std::vector<std::string> names;
        for (const auto& [size, name] : found) names.push_back(name);
        return names;
    }
    void flipMiddle(const std::string& name) {
        Bytes data = readAll(fixture.store, name, 1U << 28);
        data.at(data.size() / 2) ^= 0x40;
        fixture.store.put(name, data);
        fixture.reopen();
    }
    std::set<std::string> paths(const DamageReport& report) {
        std::set<std::string> found;
        for (const TouchedEntry& entry : report.entries) found.insert(entry.path);
        return found;
    }
    /// Files that a restore of a snapshot does not bring back.
    std::set<std::string> notRestored(const Snapshot& snapshot) {
        MemoryTarget target;
        fixture.restore(fixture.node(snapshot, "/data"), target);
        std::set<std::string> found;
        for (const Problem& problem : fixture.problems) found.insert("/data/" + problem.path);
        return found;
    }

    PipelineFixture fixture;
    MemorySource source;
    Snapshot first;
    Snapshot second;
    std::vector<std::string> before;  // packs of the first
};

TEST_F(DamageSearchTest, NothingWhenAllIsSound) {
    EXPECT_TRUE(fixture.verify().touched.empty());
    EXPECT_TRUE(searchKnownDamage(*fixture.repository, fixture.cancel).empty());
}

TEST_F(DamageSearchTest, NamesJustTheFilesThatARestoreLoses) {
    flipMiddle(before.back());
    const VerifyResult result = fixture.verify();
    const std::set<std::string> lost = notRestored(first);
    ASSERT_FALSE(lost.empty());
    EXPECT_LT(lost.size(), 6U);
    EXPECT_EQ(paths(result.touched), lost);
    EXPECT_EQ(result.touched.snapshots, (std::vector{second.id, first.id}));
    for (const TouchedEntry& entry : result.touched.entries) {
        EXPECT_EQ(entry.snapshotCount, 2U);
        EXPECT_EQ(entry.size, 300'000U);
        EXPECT_EQ(entry.snapshots, (std::vector{second.id, first.id}));
    }
}

TEST_F(DamageSearchTest, NamesTheSnapshotsThatHaveIt) {
    std::string late;
    for (const std::string& pack : packs()) {
        if (std::ranges::find(before, pack) != before.end()) continue;
        late = pack;  // the largest is the last
    }
    flipMiddle(late);
    const DamageReport found = fixture.verify().touched;
    EXPECT_EQ(paths(found), std::set<std::string>{"/data/late"});
    EXPECT_EQ(found.snapshots, std::vector{second.id});
}

TEST_F(DamageSearchTest, AMissingTreeTakesItsFolder) {
    fixture.store.remove(before.front());
    fixture.reopen();
    const DamageReport found = fixture.verify().touched;
    // The trees of the second that are new still stand: only what they share is lost.
    EXPECT_EQ(found.snapshots, (std::vector{second.id, first.id}));
    EXPECT_TRUE(paths(found).contains("/data/deep"));
    EXPECT_TRUE(std::ranges::all_of(found.entries, &TouchedEntry::isFolder));
}

TEST_F(DamageSearchTest, IsToldAgainFromWhatIsKnown) {
    flipMiddle(before.back());
    const DamageReport found = fixture.verify().touched;
    const DamageReport again = searchKnownDamage(*fixture.repository, fixture.cancel);
    EXPECT_EQ(paths(again), paths(found));
    EXPECT_EQ(again.snapshots, found.snapshots);
    fixture.backupPaths(source, {"/data"});
    EXPECT_TRUE(searchKnownDamage(*fixture.repository, fixture.cancel).empty());
}

TEST_F(DamageSearchTest, ListsSoManyAndCountsTheOthers) {
    source.addFolder("/many");
    for (std::uint32_t i = 0; i < mostTouchedEntries + 50; ++i) {
        source.addFile("/many/" + std::to_string(i), noise(64, i + 1000));
    }
    const std::vector<std::string> old = packs();
    fixture.backupPaths(source, {"/many"});
    for (const std::string& pack : packs()) {
        if (std::ranges::find(old, pack) != old.end()) continue;
        const Bytes data = readAll(fixture.store, pack, 1U << 28);
        const OpenPack opened =
            OpenPack::parse(data, fixture.repository->config().repositoryId,
                            PackId::from(fromHex(pack.substr(9))), fixture.repository->keys());
        if (opened.directory().blocks.front().kind == ChunkKind::data) fixture.store.remove(pack);
    }
    fixture.reopen();
    const DamageReport found = fixture.verify().touched;
    EXPECT_EQ(found.entries.size(), mostTouchedEntries);
    EXPECT_EQ(found.more, 50U);
}

TEST(TouchedEntryText, NamesSomeSnapshots) {
    TouchedEntry entry{"/a", false, 12, 1, {SnapshotId{}}};
    EXPECT_EQ(entry.message(), "a file of 12 octets is lost in snapshot 00000000");
    entry.snapshotCount = 9;
    entry.isFolder = true;
    EXPECT_EQ(entry.message(),
              "what it holds, or some of it, is lost in snapshots 00000000 and 8 more");
}

}  // namespace
}  // namespace coffer
