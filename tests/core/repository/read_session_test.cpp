#include "core/repository/read_session.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/random.h"
#include "core/repository/chunk_reader.h"
#include "core/repository/write_session.h"
#include "tests/support/expect_error.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

struct ReadSessionTest : testing::Test {
    TestRepository setting;
    AgentKeys keys = setting.keys();
    ReadSession session{*setting};

    WrittenPack write(const std::vector<TestChunk>& chunks) {
        WriteSession writing(*setting, keys.agentId, std::nullopt);
        return writePack(writing, keys, chunks);
    }

    // The chunks of a plan, by their number in the request.
    std::vector<Bytes> fetchAll(const std::vector<PlannedBlock>& plan, std::size_t requests) {
        std::vector<Bytes> contents(requests);
        std::vector<int> times(requests);
        Decompressor decompressor;
        for (const PlannedBlock& block : plan) {
            const Bytes raw =
                openBlock(block.access, block.place, session.fetch(block), decompressor);
            for (const PlannedChunk& chunk : block.chunks) {
                contents.at(chunk.request) =
                    toBytes(ByteView(raw).subspan(chunk.offset, chunk.length));
                ++times.at(chunk.request);
            }
        }
        EXPECT_EQ(times, std::vector<int>(requests, 1));
        return contents;
    }

    void expectOrder(const std::vector<PlannedBlock>& plan) {
        for (std::size_t i = 1; i < plan.size(); ++i) {
            const PlannedBlock& a = plan[i - 1];
            const PlannedBlock& b = plan[i];
            if (a.access.pack == b.access.pack) {
                EXPECT_LT(a.access.number, b.access.number);
                EXPECT_LT(a.place.offset, b.place.offset);
            } else {
                for (std::size_t j = i; j < plan.size(); ++j) {
                    EXPECT_NE(plan[j].access.pack, a.access.pack) << "a pack is visited twice";
                }
            }
        }
    }
};

TEST_F(ReadSessionTest, ShowsWhatTheChunksOfAPlanReferTo) {
    const ChunkId below = randomId<ChunkId>();
    const WrittenPack pack = write({dataChunk("data"), treeChunk("tree", {below})});
    std::vector<std::pair<ChunkId, std::vector<ChunkId>>> seen;
    session.plan(pack.chunks,
                 [&](const ChunkPlace& chunk) { seen.emplace_back(chunk.id, chunk.references); });
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0], std::pair(pack.chunks[0], std::vector<ChunkId>{}));
    EXPECT_EQ(seen[1], std::pair(pack.chunks[1], std::vector<ChunkId>{below}));
}

TEST_F(ReadSessionTest, PlansInTheOrderOfThePacks) {
    std::vector<ChunkId> ids;
    std::vector<Bytes> contents;
    for (int i = 0; i < 3; ++i) {
        std::vector<TestChunk> chunks;
        for (int j = 0; j < 12; ++j) {  // data and trees by threes: four blocks
            const std::string text = std::to_string(i) + " " + std::string(100, char('a' + j));
            chunks.push_back(j / 3 % 2 == 0 ? dataChunk(text) : treeChunk(text, {}));
            contents.push_back(chunks.back().content);
        }
        const WrittenPack pack = write(chunks);
        ids.insert(ids.end(), pack.chunks.begin(), pack.chunks.end());
    }
    // Asked for in the least convenient order, and some of them twice.
    std::vector<ChunkId> asked;
    std::vector<Bytes> expected;
    for (std::size_t i = 0; i < 50; ++i) {
        asked.push_back(ids[i * 7 % ids.size()]);
        expected.push_back(contents[i * 7 % ids.size()]);
    }
    const auto plan = session.plan(asked);
    EXPECT_EQ(plan.size(), 12U);
    expectOrder(plan);
    EXPECT_EQ(fetchAll(plan, asked.size()), expected);
}

TEST_F(ReadSessionTest, FetchesOnlyTheBlocksItNeeds) {
    const WrittenPack pack = write({dataChunk("a"), dataChunk("bb"), treeChunk("ccc", {}),
                                    treeChunk("dddd", {}), dataChunk("e")});
    const std::vector<ChunkId> asked = {pack.chunks[3], pack.chunks[0], pack.chunks[1]};
    const auto plan = session.plan(asked);
    ASSERT_EQ(plan.size(), 2U);
    EXPECT_EQ(plan[0].access.number, 0U);
    EXPECT_EQ(plan[0].chunks.size(), 2U);
    EXPECT_EQ(plan[1].access.number, 1U);
    ASSERT_EQ(plan[1].chunks.size(), 1U);
    EXPECT_EQ(plan[1].chunks[0].offset, 3U);
    EXPECT_EQ(plan[1].chunks[0].length, 4U);
    EXPECT_EQ(plan[1].chunks[0].request, 0U);
    EXPECT_TRUE(plan[0].place.chunks.empty());  // ids are none of the reader's business
    EXPECT_TRUE(session.plan({}).empty());
}

TEST_F(ReadSessionTest, NamesTheChunkThatIsMissing) {
    const WrittenPack pack = write({dataChunk("a")});
    const ChunkId unknown = randomId<ChunkId>();
    const std::vector<ChunkId> asked = {pack.chunks[0], unknown};
    expectError(
        ErrorCode::notFound, [&] { session.plan(asked); }, unknown.hex());
    // The index goes by a part of the id; the whole id decides.
    ChunkId similar = pack.chunks[0];
    similar.bytes.back() ^= 1;
    expectError(
        ErrorCode::notFound,
        [&] {
            session.plan({&similar, 1});
        },
        similar.hex());
}

TEST_F(ReadSessionTest, ReadsFromASuspectPackWhenThereIsNoOther) {
    const TestChunk chunk = dataChunk("content");
    const WrittenPack suspect = write({dataChunk("before"), chunk});
    setPackState(*setting, suspect.id, PackState::suspect);
    const ChunkId id = suspect.chunks[1];
    EXPECT_EQ(session.plan({&id, 1}).at(0).access.pack, suspect.id);
    EXPECT_EQ(readChunk(*setting, id), chunk.content);
    const WrittenPack sound = write({chunk});
    EXPECT_EQ(session.plan({&id, 1}).at(0).access.pack, sound.id);
    EXPECT_EQ(readChunk(*setting, id), chunk.content);
}

TEST_F(ReadSessionTest, FallsBackToAnyPackThatCanBeOpened) {
    const TestChunk chunk = dataChunk("content");
    const WrittenPack first = write({chunk});
    const WrittenPack second = write({chunk});
    const ChunkId id = first.chunks[0];
    setting.store.remove(packName(first.id));
    Repository& repository = setting.open();
    EXPECT_EQ(ReadSession(repository).plan({&id, 1}).at(0).access.pack, second.id);
    EXPECT_EQ(readChunk(repository, id), chunk.content);
    setting.store.remove(packName(second.id));
    setting.open();
    expectError(
        ErrorCode::notFound, [&] { readChunk(*setting, id); }, id.hex());
}

TEST_F(ReadSessionTest, ReportsADamagedBlockWithItsPack) {
    const WrittenPack pack = write({dataChunk("content")});
    const auto plan = session.plan(pack.chunks);
    Bytes octets = readAll(setting.store, packName(pack.id), 1 << 20);
    octets[plan[0].place.offset] ^= 1;
    setting.store.put(packName(pack.id), octets);
    expectError(
        ErrorCode::corrupt, [&] { readChunk(*setting, pack.chunks[0]); }, pack.id.hex());
    setting.store.put(packName(pack.id), ByteView(octets).first(plan[0].place.offset + 3));
    expectError(
        ErrorCode::corrupt, [&] { session.fetch(plan[0]); }, pack.id.hex());
    setting.store.remove(packName(pack.id));
    expectError(
        ErrorCode::notFound, [&] { session.fetch(plan[0]); }, pack.id.hex());
}

// An agent that sends other content than it names is found out on reading.
TEST_F(ReadSessionTest, RefusesContentThatDoesNotFitItsName) {
    TestChunk lie = dataChunk("the truth");
    Bytes truth;
    const BlockContent content = contentOf(keys, std::vector<TestChunk>{lie}, truth);
    WriteSession writing(*setting, keys.agentId, std::nullopt);
    PackWriter writer(keys, writing.openPack());
    writer.add(content, {Codec::plain, bytesOf("a fiction")});
    writer.finish();
    const ChunkId id = idOf(keys, lie);
    expectError(
        ErrorCode::corrupt, [&] { readChunk(*setting, id); }, id.hex());
}

struct CountingStore : RestoreStore {
    explicit CountingStore(RestoreStore& next) : next_(next) {}
    std::vector<PlannedBlock> plan(std::span<const ChunkId> ids) override {
        ++planned;
        return next_.plan(ids);
    }
    Bytes fetch(const PlannedBlock& block) override {
        ++fetched;
        return next_.fetch(block);
    }
    int planned = 0;
    int fetched = 0;

  private:
    RestoreStore& next_;
};

TEST_F(ReadSessionTest, ChunkReaderKeepsItsLastBlocks) {
    std::vector<TestChunk> chunks;
    for (int i = 0; i < 40; ++i) {
        const std::string text = "chunk " + std::to_string(i);
        chunks.push_back(i / 2 % 2 == 0 ? dataChunk(text) : treeChunk(text, {}));
    }
    const WrittenPack pack = write(chunks);  // 20 blocks of two
    CountingStore counting(session);
    ChunkReader reader(counting, keys.domain.key);
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        EXPECT_EQ(reader.read(pack.chunks[i]), chunks[i].content);
    }
    EXPECT_EQ(counting.fetched, 20);
    EXPECT_EQ(reader.read(pack.chunks[39]), chunks[39].content);
    EXPECT_EQ(counting.fetched, 20);
    EXPECT_EQ(reader.read(pack.chunks[0]), chunks[0].content);
    EXPECT_EQ(counting.fetched, 21);
}

TEST_F(ReadSessionTest, ChunkReaderAsksOnceForWhatItExpects) {
    const WrittenPack pack = write({dataChunk("a"), treeChunk("b", {}), dataChunk("c")});
    CountingStore counting(session);
    ChunkReader reader(counting, keys.domain.key);
    reader.expect(pack.chunks);
    EXPECT_EQ(counting.planned, 1);
    EXPECT_EQ(textOf(reader.read(pack.chunks[2])), "c");
    EXPECT_EQ(textOf(reader.read(pack.chunks[0])), "a");
    EXPECT_EQ(textOf(reader.read(pack.chunks[1])), "b");
    EXPECT_EQ(counting.planned, 1);
    EXPECT_EQ(textOf(reader.read(pack.chunks[1])), "b");
    EXPECT_EQ(counting.planned, 2);
}

TEST_F(ReadSessionTest, WhatCannotBeFoundIsToldWhenItIsRead) {
    const WrittenPack pack = write({dataChunk("a")});
    const ChunkId lost = randomId<ChunkId>();
    ChunkReader reader(session, keys.domain.key);
    reader.expect(std::vector{pack.chunks[0], lost});
    EXPECT_EQ(textOf(reader.read(pack.chunks[0])), "a");
    expectError(
        ErrorCode::notFound, [&] { reader.read(lost); }, lost.hex());
}

}  // namespace
}  // namespace coffer
