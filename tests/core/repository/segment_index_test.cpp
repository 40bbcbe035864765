// Segments, logs and the catalog: merges, crashes, damage, and processes beside each other.
#include "core/repository/segment_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <random>

#include "core/base/random.h"
#include "core/base/threads.h"
#include "tests/support/expect_error.h"
#include "tests/support/simulated_disk.h"

namespace coffer {
namespace {

constexpr SegmentIndex::Limits tiny{8, 4000, 3, 2};
const RepositoryId repository = randomId<RepositoryId>();

PackDirectory directoryOf(const std::vector<ChunkId>& ids) {
    PackDirectory directory;
    directory.blocks.resize(1);
    for (const ChunkId& id : ids) directory.blocks[0].chunks.push_back({id, 1, {}});
    return directory;
}

std::vector<ChunkId> randomIds(std::size_t count) {
    std::vector<ChunkId> ids(count);
    std::ranges::generate(ids, randomId<ChunkId>);
    return ids;
}

/// What an index should hold.
struct Model {
    std::map<PackId, std::vector<ChunkId>> packs;
    std::map<PackId, std::vector<ChunkId>> ever;  // with those that were removed
    std::uint64_t generation = 0;

    std::size_t chunks() const {
        std::size_t sum = 0;
        for (const auto& [pack, ids] : packs) sum += ids.size();
        return sum;
    }

    // What is said of a chunk is so, or was once.
    void expectTrue(const ChunkId& id, const std::vector<ChunkLocation>& places) const {
        for (const ChunkLocation& place : places) {
            const auto pack = ever.find(place.pack);
            ASSERT_NE(pack, ever.end());
            ASSERT_EQ(place.block, 0U);
            ASSERT_LT(place.slot, pack->second.size());
            ASSERT_EQ(pack->second[place.slot], id);
        }
    }

    bool agreesWith(SegmentIndex& index) const {
        if (index.generation() != generation || index.chunkCount() != chunks()) return false;
        for (const auto& [pack, ids] : packs) {
            const auto found = index.find(ids);
            for (std::size_t slot = 0; slot < ids.size(); ++slot) {
                const auto here = std::ranges::find(found[slot], pack, &ChunkLocation::pack);
                if (here == found[slot].end() || here->slot != slot) return false;
            }
        }
        return true;
    }
};

/// Changes an index, and a model along with it, always in the same way.
class Script {
  public:
    explicit Script(std::uint32_t seed) : random_(seed) {}

    void step(SegmentIndex& index, Model& model) {
        const std::uint64_t generation = model.generation + 1;
        Model next = model;
        next.generation = generation;
        after = next;
        switch (random_() % 8) {
            case 0:
                index.setGeneration(generation);
                break;
            case 1:
            case 2:
                if (model.packs.empty()) return;
                {
                    const auto pack =
                        std::next(model.packs.begin(),
                                  static_cast<std::ptrdiff_t>(random_() % model.packs.size()));
                    next.packs.erase(pack->first);
                    after = next;
                    index.remove(pack->first, generation);
                }
                break;
            default:
                auto ids = randomIds(1 + random_() % 6);
                if (!model.packs.empty() && random_() % 2) {
                    ids.push_back(model.packs.begin()->second.front());  // lies in another one too
                }
                const auto pack = randomId<PackId>();
                next.packs[pack] = next.ever[pack] = ids;
                after = next;
                index.add(pack, directoryOf(ids), generation);
        }
        model = next;
    }

    Model after;  // what the index should hold when the step under way is done

  private:
    std::mt19937 random_;
};

TEST(SegmentIndexTest, HoldsWhatItShouldThroughMergesAndReopening) {
    SimulatedDisk disk;
    Script script(1);
    Model model;
    for (int round = 0; round < 30; ++round) {
        SegmentIndex index(disk, "/index", repository, tiny);
        ASSERT_TRUE(model.agreesWith(index)) << "opened for round " << round;
        for (int step = 0; step < 10; ++step) {
            script.step(index, model);
            ASSERT_TRUE(model.agreesWith(index)) << "round " << round << ", step " << step;
        }
    }
    std::size_t segments = 0;
    for (const DiskEntry& entry : disk.list("/index")) segments += entry.name.starts_with("seg");
    EXPECT_GE(segments, 1U);
    EXPECT_LE(segments, 10U);
}

TEST(SegmentIndexTest, FindsEqualKeysAcrossPages) {
    SimulatedDisk disk;
    SegmentIndex index(disk, "/index", repository, {600, 1 << 20, 16, 4});
    const auto shared = randomId<ChunkId>();
    for (int pack = 0; pack < 600; ++pack) {
        index.add(randomId<PackId>(), directoryOf({shared}), 1);
    }
    EXPECT_EQ(index.find({&shared, 1}).at(0).size(), 600U);
    EXPECT_EQ(disk.list("/index").size(), 2U);  // catalog and a segment
}

TEST(SegmentIndexTest, GivesRoomOfRemovedPacksBack) {
    SimulatedDisk disk;
    SegmentIndex index(disk, "/index", repository, tiny);
    for (std::uint64_t round = 0; round < 50; ++round) {
        const auto pack = randomId<PackId>();
        index.add(pack, directoryOf(randomIds(20)), 2 * round);
        index.remove(pack, 2 * round + 1);
    }
    std::uint64_t size = 0;
    for (const DiskEntry& entry : disk.list("/index")) size += entry.size;
    EXPECT_LT(size, 5000U);
}

// Whatever the crash: the index is empty, or as it was after a step, and grows from there on.
TEST(SegmentIndexTest, ACrashAtAnyPointMakesItOlderAtMost) {
    const auto run = [](Disk& disk, std::vector<Model>& states) {
        Script script(7);
        Model model;
        states = {model};
        for (int round = 0; round < 4; ++round) {
            SegmentIndex index(disk, "/index", repository, tiny);
            for (int step = 0; step < 4; ++step) {
                try {
                    script.step(index, model);
                } catch (...) {
                    states.push_back(script.after);
                    throw;
                }
                states.push_back(model);
            }
        }
    };
    SimulatedDisk whole;
    std::vector<Model> states;
    run(whole, states);
    ASSERT_GT(whole.points(), 50U);
    for (std::uint64_t point = 1; point <= whole.points(); ++point) {
        SimulatedDisk disk;
        disk.crashAt(point);
        EXPECT_THROW(run(disk, states), SimulatedCrash);
        for (const auto mode :
             {CrashMode::killed, CrashMode::lost, CrashMode::hollow, CrashMode::torn}) {
            SCOPED_TRACE(testing::Message() << "point " << point << ", mode " << int(mode));
            const auto survivor = disk.reopen(mode);
            SegmentIndex index(*survivor, "/index", repository, tiny);
            const auto state =
                std::ranges::find_if(states, [&](Model& m) { return m.agreesWith(index); });
            ASSERT_NE(state, states.end());
            if (mode == CrashMode::killed) {
                EXPECT_GE(state - states.begin() + 2, std::ssize(states));
            }
            Model model = *state;
            Script more(9);
            for (int step = 0; step < 6; ++step) {
                more.step(index, model);
                ASSERT_TRUE(model.agreesWith(index));
            }
            SegmentIndex again(*survivor, "/index", repository, tiny);
            EXPECT_TRUE(model.agreesWith(again));
        }
    }
}

// A disk that is full for a while: a change is there or not, and all goes on afterwards.
TEST(SegmentIndexTest, AFailureAtAnyPointLosesNothing) {
    SimulatedDisk whole;
    const auto change = [](Disk& disk, bool mayFail) {
        Script script(5);
        Model model;
        SegmentIndex index(disk, "/index", repository, tiny);
        for (int step = 0; step < 16; ++step) {
            try {
                script.step(index, model);
            } catch (const Error& error) {
                EXPECT_TRUE(mayFail && error.code() == ErrorCode::noSpace) << error.what();
                if (script.after.agreesWith(index)) model = script.after;
            }
            ASSERT_TRUE(model.agreesWith(index)) << "step " << step;
        }
    };
    change(whole, false);
    for (std::uint64_t point = 1; point <= whole.points(); ++point) {
        SCOPED_TRACE(point);
        SimulatedDisk disk;
        disk.failAt(ENOSPC, point, point + 2);
        change(disk, true);
    }
}

// Any octet of any file may be wrong (every fifth is tried): opening and looking up report damage
// or say less, never something else.
TEST(SegmentIndexTest, DamageIsFoundOrCostsEntriesOnly) {
    SimulatedDisk disk;
    Model model;
    {
        SegmentIndex index(disk, "/index", repository, tiny);
        Script script(3);
        for (int step = 0; step < 40; ++step) script.step(index, model);
    }
    const auto original = disk.reopen(CrashMode::killed);
    for (const DiskEntry& entry : original->list("/index")) {
        const std::string path = "/index/" + entry.name;
        Bytes content(entry.size);
        original->open(path)->read(0, content);
        for (std::size_t at = 0; at < content.size(); at += 5) {
            const auto damaged = original->reopen(CrashMode::killed);
            Bytes changed = content;
            changed[at] ^= 0x10;
            damaged->unlink(path);
            damaged->create(path)->write(changed);
            SegmentIndex index(*damaged, "/index", repository, tiny);
            for (const auto& [pack, ids] : model.packs) {
                const auto found = index.find(ids);
                for (std::size_t i = 0; i < ids.size(); ++i) model.expectTrue(ids[i], found[i]);
            }
            EXPECT_LE(index.generation(), model.generation);
            Model grown;
            Script more(4);
            const auto error = errorOf([&] {
                for (int step = 0; step < 10; ++step) more.step(index, grown);
            });
            if (!error) continue;
            EXPECT_EQ(error->code(), ErrorCode::corrupt) << error->what();
            SegmentIndex again(*damaged, "/index", repository, tiny);
            EXPECT_EQ(again.generation(), 0U);
        }
    }
}

TEST(SegmentIndexTest, WhoLooksSeesWhatAnotherWrites) {
    SimulatedDisk disk;
    SegmentIndex early(disk, "/index", repository, tiny);
    SegmentIndex writer(disk, "/index", repository, tiny);
    Script script(11);
    Model model;
    for (int step = 0; step < 60; ++step) {
        script.step(writer, model);
        const std::uint64_t points = disk.points();
        for (const auto& [pack, ids] : model.packs) {
            for (const auto& places : early.find(ids)) EXPECT_FALSE(places.empty());
        }
        EXPECT_EQ(disk.points(), points) << "who looks wrote something";
    }
}

TEST(SegmentIndexTest, LookUpsFindAllWhileItIsReadAnew) {
    SimulatedDisk disk;
    SegmentIndex index(disk, "/index", repository, tiny);
    Model model;
    Script script(5);
    for (int i = 0; i < 60; ++i) script.step(index, model);
    std::atomic<bool> over = false;
    ThreadScope threads;
    threads.start(
        [&] {
            for (int i = 0; i < 200; ++i) index.reload();
            over = true;
        },
        [&] { over = true; });
    do {
        ASSERT_TRUE(model.agreesWith(index));
    } while (!over);
    threads.join();
    for (int i = 0; i < 20; ++i) script.step(index, model);
    EXPECT_TRUE(model.agreesWith(index));
}

TEST(SegmentIndexTest, RemovesWhatACrashLeft) {
    SimulatedDisk disk;
    SegmentIndex(disk, "/index", repository, tiny).setGeneration(1);
    for (const char* name : {"/index/segment-0000000000000001", "/index/catalog.new"}) {
        disk.create(name)->write(Bytes(10));
    }
    SegmentIndex(disk, "/index", repository, tiny).setGeneration(2);
    EXPECT_EQ(disk.list("/index").size(), 3U);  // catalog and two logs
    SegmentIndex(disk, "/index", repository, tiny).setGeneration(3);
    EXPECT_EQ(SegmentIndex(disk, "/index", repository, tiny).generation(), 3U);
    EXPECT_EQ(disk.list("/index").size(), 1U);  // as many logs as there may be
}

}  // namespace
}  // namespace coffer
