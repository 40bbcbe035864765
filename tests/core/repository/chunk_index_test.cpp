// What every ChunkIndex has to do.
#include "core/repository/segment_index.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/random.h"
#include "tests/support/simulated_disk.h"

namespace coffer {
namespace {

// Both as it is used, and with bounds so low that everything moves through many segments.
struct ChunkIndexTest : testing::TestWithParam<SegmentIndex::Limits> {
    SimulatedDisk disk;
    RepositoryId repository = randomId<RepositoryId>();
    std::optional<SegmentIndex> index{std::in_place, disk, "/index", repository, GetParam()};

    void reopen(const RepositoryId& id) {
        index.reset();
        index.emplace(disk, "/index", id, GetParam());
    }

    // A pack of blocks of these chunks.
    PackId add(const std::vector<std::vector<ChunkId>>& blocks, std::uint64_t generation = 1) {
        PackDirectory directory;
        for (const auto& ids : blocks) {
            BlockPlace block;
            for (const ChunkId& id : ids) block.chunks.push_back({id, 1, {}});
            directory.blocks.push_back(block);
        }
        const auto pack = randomId<PackId>();
        index->add(pack, directory, generation);
        return pack;
    }
    std::vector<ChunkLocation> find(const ChunkId& id) { return index->find({&id, 1}).at(0); }
};

std::vector<ChunkId> ids(std::size_t count) {
    std::vector<ChunkId> made(count);
    std::ranges::generate(made, randomId<ChunkId>);
    return made;
}

void expectPlace(const ChunkLocation& place, const PackId& pack, std::uint32_t block,
                 std::uint32_t slot) {
    EXPECT_EQ(place.pack, pack);
    EXPECT_EQ(place.block, block);
    EXPECT_EQ(place.slot, slot);
}

TEST_P(ChunkIndexTest, FindsWhereChunksLie) {
    const auto first = ids(100);
    const auto second = ids(3);
    const PackId pack = add({first, second});
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(index->chunkCount(), 103U);
        const auto places = index->find(first);
        ASSERT_EQ(places.size(), 100U);
        for (std::uint32_t slot = 0; slot < 100; ++slot) {
            ASSERT_EQ(places[slot].size(), 1U);
            expectPlace(places[slot][0], pack, 0, slot);
        }
        expectPlace(find(second[2]).at(0), pack, 1, 2);
        EXPECT_TRUE(find(randomId<ChunkId>()).empty());
        EXPECT_TRUE(index->find({}).empty());
        reopen(repository);
    }
}

TEST_P(ChunkIndexTest, ListsAllPacksOfAChunkInTheirOrder) {
    const auto shared = ids(2);
    std::vector<PackId> packs;
    for (int i = 0; i < 20; ++i) packs.push_back(add({ids(1), {shared[1], shared[0]}}));
    for (int round = 0; round < 2; ++round) {
        const auto places = find(shared[0]);
        ASSERT_EQ(places.size(), packs.size());
        for (std::size_t i = 0; i < packs.size(); ++i) expectPlace(places[i], packs[i], 1, 1);
        reopen(repository);
    }
}

TEST_P(ChunkIndexTest, TakesAPackTwice) {
    const auto chunks = ids(5);
    PackDirectory directory;
    directory.blocks.resize(1);
    for (const ChunkId& id : chunks) directory.blocks[0].chunks.push_back({id, 1, {}});
    const auto pack = randomId<PackId>();
    index->add(pack, directory, 1);
    index->add(pack, directory, 2);
    EXPECT_EQ(index->chunkCount(), 5U);
    EXPECT_EQ(find(chunks[3]).size(), 1U);
    EXPECT_EQ(index->generation(), 2U);
}

TEST_P(ChunkIndexTest, RemovesOnlyThePackAskedFor) {
    const auto shared = ids(1);
    const auto own = ids(1);
    const PackId first = add({shared, own});
    const PackId second = add({shared});
    index->remove(randomId<PackId>(), 5);
    EXPECT_EQ(index->chunkCount(), 3U);
    index->remove(first, 6);
    EXPECT_EQ(index->generation(), 6U);
    EXPECT_TRUE(find(own[0]).empty());
    ASSERT_EQ(find(shared[0]).size(), 1U);
    EXPECT_EQ(find(shared[0])[0].pack, second);
    // A removed pack leaves no trace on the next one.
    index->remove(second, 7);
    const PackId third = add({own}, 8);
    ASSERT_EQ(find(own[0]).size(), 1U);
    EXPECT_EQ(find(own[0])[0].pack, third);
}

TEST_P(ChunkIndexTest, RemembersItsGeneration) {
    EXPECT_EQ(index->generation(), 0U);
    index->setGeneration(41);
    EXPECT_EQ(index->generation(), 41U);
    add({ids(1)}, 42);
    EXPECT_EQ(index->generation(), 42U);
    reopen(repository);
    EXPECT_EQ(index->generation(), 42U);
}

TEST_P(ChunkIndexTest, ForgetsEverything) {
    const auto chunks = ids(4);
    add({chunks}, 9);
    index->clear();
    EXPECT_EQ(index->chunkCount(), 0U);
    EXPECT_EQ(index->generation(), 0U);
    EXPECT_TRUE(find(chunks[0]).empty());
    reopen(repository);
    EXPECT_EQ(index->generation(), 0U);
    const PackId pack = add({chunks}, 1);
    expectPlace(find(chunks[1]).at(0), pack, 0, 1);
}

TEST_P(ChunkIndexTest, OfAnotherRepositoryIsCleared) {
    const auto chunks = ids(4);
    add({chunks}, 9);
    const auto other = randomId<RepositoryId>();
    reopen(other);
    EXPECT_EQ(index->generation(), 0U);
    EXPECT_EQ(index->chunkCount(), 0U);
    const PackId pack = add({chunks}, 2);
    reopen(other);
    EXPECT_EQ(index->generation(), 2U);
    expectPlace(find(chunks[0]).at(0), pack, 0, 0);
}

INSTANTIATE_TEST_SUITE_P(AsUsed, ChunkIndexTest, testing::Values(SegmentIndex::Limits{}));
INSTANTIATE_TEST_SUITE_P(Tiny, ChunkIndexTest,
                         testing::Values(SegmentIndex::Limits{4, 1000, 2, 2}));

}  // namespace
}  // namespace coffer
