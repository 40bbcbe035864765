#include "core/catalog/catalog_writer.h"

#include <algorithm>
#include <random>

#include "tests/core/catalog/catalog_fixture.h"

namespace coffer {
namespace {

using CatalogRanges = CatalogFixture;

std::vector<SnapshotId> idsOf(const CatalogHit& hit) {
    std::vector<SnapshotId> ids;
    for (const CatalogHolder& holder : hit.holders) ids.push_back(holder.id);
    return ids;
}

TEST_F(CatalogRanges, AnEntryThatStaysIsOneRange) {
    const std::int64_t data = source("/data");
    const std::vector<SnapshotId> ids{anId(), anId(), anId()};
    const State state{{"/data", aFolder()}, {"/data/a", aFile(1)}};
    enter(data, ids[0], {}, state);
    const std::uint64_t rows = file().database().changes();
    enter(data, ids[1], state, state);
    enter(data, ids[2], state, state);
    // What did not change costs nothing: a row and two changes of it for each snapshot.
    EXPECT_LE(file().database().changes() - rows, 6U);
    const auto hits = find({.pattern = "a"});
    ASSERT_EQ(hits.size(), 1U);
    EXPECT_EQ(hits[0].path, "/data/a");
    EXPECT_EQ(hits[0].entry, aFile(1));
    EXPECT_EQ(idsOf(hits[0]), ids);
}

TEST_F(CatalogRanges, ChangesDeletionAndReturnAreRangesOfTheirOwn) {
    const std::int64_t data = source("/data");
    const std::vector<SnapshotId> ids{anId(), anId(), anId(), anId(), anId()};
    const State one{{"/data/a", aFile(1)}};
    const State two{{"/data/a", aFile(2)}};
    enter(data, ids[0], {}, one);
    enter(data, ids[1], one, two);
    enter(data, ids[2], two, {});
    enter(data, ids[3], {}, two);
    enter(data, ids[4], two, two);
    const auto hits = find({.pattern = "a"});
    ASSERT_EQ(hits.size(), 3U);
    EXPECT_EQ(idsOf(hits[0]), std::vector{ids[0]});
    EXPECT_EQ(idsOf(hits[1]), std::vector{ids[1]});
    EXPECT_EQ(hits[1].entry, aFile(2));
    EXPECT_EQ(idsOf(hits[2]), (std::vector{ids[3], ids[4]}));
}

TEST_F(CatalogRanges, ARenamedFileEndsHereAndBeginsThere) {
    const std::int64_t data = source("/data");
    const std::vector<SnapshotId> ids{anId(), anId()};
    const State before{{"/data/old", aFile(1)}};
    const State after{{"/data/new", aFile(1)}};
    enter(data, ids[0], {}, before);
    enter(data, ids[1], before, after);
    EXPECT_EQ(idsOf(find({.pattern = "old"}).at(0)), std::vector{ids[0]});
    EXPECT_EQ(idsOf(find({.pattern = "new"}).at(0)), std::vector{ids[1]});
}

TEST_F(CatalogRanges, SourcesAreKeptApart) {
    const std::int64_t one = source("/data");
    const std::int64_t two = source("/other");
    EXPECT_EQ(source("/data"), one);
    const State state{{"/data/a", aFile(1)}};
    const SnapshotId first = anId();
    const SnapshotId second = anId();
    enter(one, first, {}, state);
    enter(two, second, {}, state);
    enter(one, anId(), state, {});
    const auto hits = find({.pattern = "a"});
    ASSERT_EQ(hits.size(), 2U);
    EXPECT_EQ(idsOf(hits[0]), std::vector{first});
    EXPECT_EQ(idsOf(hits[1]), std::vector{second});
}

TEST_F(CatalogRanges, WhatWasCutIsNotToldAndCanBeDoneAgain) {
    const std::int64_t data = source("/data");
    const SnapshotId first = anId();
    const SnapshotId second = anId();
    const State one{{"/data/a", aFile(1)}, {"/data/b", aFile(1)}};
    const State two{{"/data/a", aFile(2)}, {"/data/c", aFile(1)}};
    enter(data, first, {}, one);
    {
        CatalogWriter writer(file(), data, file().begin(data, second));
        // More than a transaction takes, so some of it is there.
        for (int i = 0; i < 5'000; ++i) writer.put("/data/x" + std::to_string(i), aFile(9));
        writer.put("/data/a", aFile(2));
        writer.remove("/data/b");
    }
    EXPECT_EQ(tellAll(), (std::map<SnapshotId, Told>{{first, one}}));
    close();
    State large = two;
    for (int i = 0; i < 5'000; ++i) large["/data/x" + std::to_string(i)] = aFile(9);
    enter(data, second, one, large);
    EXPECT_EQ(tellAll(), (std::map<SnapshotId, Told>{{first, one}, {second, large}}));
}

TEST_F(CatalogRanges, ASweepLeavesNothingOfWhatIsGone) {
    const std::int64_t data = source("/data");
    const std::vector<SnapshotId> ids{anId(), anId(), anId()};
    const State one{{"/data", aFolder()}, {"/data/gone", aFile(1)}};
    const State two{{"/data", aFolder()}, {"/data/b", aFile(1)}};
    enter(data, ids[0], {}, one);
    enter(data, ids[1], one, two);
    enter(data, ids[2], two, two);
    sweepCatalog(file(), {ids[1], ids[2]}, [] {});
    EXPECT_EQ(tellAll(), (std::map<SnapshotId, Told>{{ids[1], two}, {ids[2], two}}));
    SqlStatement names = file().database().prepare("SELECT count(*) FROM names");
    ASSERT_TRUE(names.step());
    EXPECT_EQ(names.integer(0), 2);  // "data", "b"
    names.reset();
    // Nothing is left of a source without snapshots.
    sweepCatalog(file(), {}, [] {});
    EXPECT_TRUE(tellAll().empty());
    SqlStatement paths = file().database().prepare("SELECT count(*) FROM paths");
    ASSERT_TRUE(paths.step());
    EXPECT_EQ(paths.integer(0), 0);
}

TEST_F(CatalogRanges, ASourceGoesOnFromItsNewestLivingSnapshot) {
    const std::int64_t data = source("/data");
    const std::vector<SnapshotId> ids{anId(), anId(), anId()};
    const State one{{"/data/a", aFile(1)}, {"/data/b", aFile(1)}};
    const State two{{"/data/a", aFile(2)}, {"/data/c", aFile(1)}};
    const State three{{"/data/a", aFile(1)}, {"/data/c", aFile(3)}};
    enter(data, ids[0], {}, one);
    enter(data, ids[1], one, two);
    sweepCatalog(file(), {ids[0]}, [] {});
    enter(data, ids[2], one, three);
    EXPECT_EQ(tellAll(), (std::map<SnapshotId, Told>{{ids[0], one}, {ids[2], three}}));
}

// Changes, cuts, forgetting and sweeps in any order, against states that are simply kept.
TEST_F(CatalogRanges, TellWhatAWalkWouldTellWhateverHappened) {
    for (unsigned seed = 1; seed <= 4; ++seed) {
        std::mt19937 random(seed);
        const auto pick = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
        close();
        CatalogFile::remove(path());
        struct Kept {
            SnapshotId id;
            State state;
        };
        std::map<std::int64_t, std::vector<Kept>> known;  // living ones, by source
        const std::vector<std::int64_t> sources{source("/data"), source("/home")};
        std::map<std::int64_t, State> now;
        const auto living = [&] {
            LivingSnapshots ids;
            for (const auto& [of, list] : known) {
                for (const Kept& kept : list) ids.insert(kept.id);
            }
            return ids;
        };
        // As CatalogBuild does: a source only goes on from a snapshot that is still there.
        std::map<std::int64_t, bool> newestGone;
        for (int round = 0; round < 60; ++round) {
            const std::int64_t of = sources[pick(2)];
            State& state = now[of];
            for (unsigned change = pick(5); change > 0; --change) {
                const std::string where =
                    "/data/" + std::to_string(pick(4)) + "/" + std::to_string(pick(4));
                if (pick(3) == 0) {
                    state.erase(where);
                } else {
                    state[where] = aFile(pick(3));
                }
            }
            auto& list = known[of];
            if (newestGone[of]) {
                sweepCatalog(file(), living(), [] {});
                newestGone.clear();
            }
            const State before = list.empty() ? State{} : list.back().state;
            if (pick(3) == 0) state = before;  // as if what is forgotten had never been
            SnapshotId id = anId();
            if (pick(3) == 0) {
                enter(of, id, before, state, pick(4));
                close();
                if (pick(2) == 0) {  // it is gone before it is read whole
                    sweepCatalog(file(), living(), [] {});
                    id = anId();
                    if (pick(2) == 0) state = before;
                }
            }
            enter(of, id, before, state);
            list.push_back({id, state});
            if (pick(3) == 0) {
                auto& other = known[sources[pick(2)]];
                if (!other.empty()) {
                    const auto count = static_cast<unsigned>(other.size());
                    const unsigned at = pick(2) == 0 ? count - 1 : pick(count);
                    if (at + 1 == other.size()) {
                        for (const std::int64_t each : sources) newestGone[each] = true;
                    }
                    other.erase(other.begin() + at);
                }
            }
            if (pick(6) == 0) {
                unsigned patience = pick(4);
                try {
                    sweepCatalog(file(), living(), [&] {
                        if (patience-- == 0) throw Error(ErrorCode::cancelled, "cut");
                    });
                } catch (const Error& error) {
                    ASSERT_EQ(error.code(), ErrorCode::cancelled);
                }
            }
            std::map<SnapshotId, Told> expected;
            for (const auto& [each, all] : known) {
                for (const Kept& kept : all) {
                    if (!kept.state.empty()) expected[kept.id] = kept.state;
                }
            }
            std::map<SnapshotId, Told> told = tellAll();
            const LivingSnapshots ids = living();
            std::erase_if(told, [&](const auto& each) { return !ids.contains(each.first); });
            ASSERT_EQ(told, expected) << "seed " << seed << ", round " << round;
        }
    }
}

TEST_F(CatalogRanges, AFileOfAnotherKindIsRefused) {
    file();
    close();
    const RepositoryId other = randomId<RepositoryId>();
    expectError(ErrorCode::conflict, [&] { CatalogFile(path(), other); });
    file().database().execute("PRAGMA user_version = 99");
    close();
    expectError(ErrorCode::unsupported, [&] { file(); });
    CatalogFile::remove(path());
    CatalogFile::remove(path());  // safe to repeat
    file().check();
}

}  // namespace
}  // namespace coffer
