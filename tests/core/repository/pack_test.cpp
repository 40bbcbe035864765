#include <gtest/gtest.h>

#include <numeric>

#include "core/base/wire.h"
#include "core/codec/aead.h"
#include "core/repository/pack_format.h"
#include "tests/core/repository/pack_fixtures.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

Bytes rawOf(const std::vector<TestChunk>& chunks) {
    Bytes raw;
    for (const TestChunk& chunk : chunks) append(raw, chunk.content);
    return raw;
}

// Blocks of every kind, packed and plain, of one chunk and of many, and an empty chunk.
std::vector<std::vector<TestChunk>> variedBlocks(const AgentKeys& keys) {
    std::vector<std::vector<TestChunk>> blocks;
    const TestChunk first = dataChunk("first");
    for (std::uint32_t i = 0; i < 40; ++i) {
        std::vector<TestChunk> chunks;
        for (std::uint32_t j = 0; j <= i % 7; ++j) {
            const Bytes content = i % 3 == 0 ? Bytes(1000 + 10 * j, static_cast<std::uint8_t>(j))
                                             : noise(300 + 100 * j, 100 * i + j);
            TestChunk chunk{static_cast<ChunkKind>(1 + i % 3), content, {}};
            if (chunk.kind != ChunkKind::data) chunk.references.assign(j, idOf(keys, first));
            chunks.push_back(chunk);
        }
        if (i == 5) chunks.push_back({chunks[0].kind, {}, {}});
        blocks.push_back(chunks);
    }
    return blocks;
}

TEST(Pack, GivesBackBlocksOfAllKinds) {
    const PackSetting setting;
    const auto blocks = variedBlocks(setting.agent);
    const Uploaded uploaded = setting.pack(blocks);
    const OpenPack pack = setting.parse(uploaded.octets, uploaded.id);
    const PackDirectory& directory = pack.directory();
    EXPECT_EQ(directory.domain, setting.agent.domain.id);
    ASSERT_EQ(directory.blocks.size(), blocks.size());
    for (std::uint32_t i = 0; i < blocks.size(); ++i) {
        SCOPED_TRACE(i);
        const BlockPlace& place = directory.blocks[i];
        EXPECT_EQ(place.kind, blocks[i][0].kind);
        EXPECT_EQ(rawBlock(pack, uploaded.octets, i), rawOf(blocks[i]));
        ASSERT_EQ(place.chunks.size(), blocks[i].size());
        for (std::size_t j = 0; j < blocks[i].size(); ++j) {
            EXPECT_EQ(place.chunks[j].id, idOf(setting.agent, blocks[i][j]));
            EXPECT_EQ(place.chunks[j].length, blocks[i][j].content.size());
            EXPECT_EQ(place.chunks[j].references, blocks[i][j].references);
        }
    }
}

TEST(Pack, IsFoundInAStore) {
    const PackSetting setting;
    const Uploaded uploaded = setting.pack({{dataChunk("one"), dataChunk("two")}});
    MemoryStore store;
    expectError(
        ErrorCode::notFound,
        [&] { OpenPack::open(store, setting.repository, uploaded.id, setting.server); },
        uploaded.id.hex());
    store.put(packName(uploaded.id), uploaded.octets);
    const OpenPack pack = OpenPack::open(store, setting.repository, uploaded.id, setting.server);
    EXPECT_EQ(rawBlock(pack, uploaded.octets, 0), toBytes(bytesOf("onetwo")));
}

TEST(Pack, WithoutBlocksIsAPack) {
    const PackSetting setting;
    const Uploaded uploaded = setting.pack({});
    EXPECT_TRUE(setting.parse(uploaded.octets, uploaded.id).directory().blocks.empty());
}

TEST(Pack, RegistrationIsTrueAndSigned) {
    const PackSetting setting;
    const Uploaded uploaded = setting.pack({{dataChunk("x")}});
    ASSERT_TRUE(uploaded.registration);
    const PackRegistration& it = *uploaded.registration;
    EXPECT_EQ(it.pack, uploaded.id);
    EXPECT_EQ(it.size, uploaded.octets.size());
    EXPECT_EQ(it.sha256, sha256(uploaded.octets));
    EXPECT_EQ(it.agent, setting.agent.agentId);
    verifySignature(setting.agent.sign.verifyKey(), pack_format::registrationPurpose,
                    it.statement(setting.repository), it.signature);
    expectError(ErrorCode::untrusted, [&] {
        verifySignature(setting.agent.sign.verifyKey(), pack_format::registrationPurpose,
                        it.statement(randomId<RepositoryId>()), it.signature);
    });
}

TEST(Pack, ArrivesInSlices) {
    const PackSetting setting;
    std::vector<std::vector<TestChunk>> blocks;
    for (const std::uint32_t size : {300'000U, 4'000'000U, 10U, 1'048'560U, 2'500'000U}) {
        blocks.push_back({{ChunkKind::data, noise(size, size), {}}});
    }
    const Uploaded uploaded = setting.pack(blocks);
    for (const std::size_t slice : uploaded.slices) {
        EXPECT_GT(slice, 0U);
        EXPECT_LE(slice, pack_format::sliceSize);
    }
    EXPECT_LE(uploaded.slices.size(), 2 * uploaded.octets.size() / pack_format::sliceSize);
    readWholePack(setting, uploaded.octets, uploaded.id);
}

// One block of incompressible octets, to be added again and again.
struct NoiseBlock {
    NoiseBlock(const AgentKeys& keys, std::size_t size)
        : content(contentOf(keys, std::vector<TestChunk>{{ChunkKind::data, noise(size, 1), {}}},
                            raw)) {}
    void addTo(PackWriter& writer) const { writer.add(content, {Codec::plain, raw}); }

    Bytes raw;
    BlockContent content;
};

TEST(Pack, IsFullAtItsTargetSize) {
    const PackSetting setting;
    Uploaded uploaded;
    PackWriter writer = setting.writer(uploaded);
    EXPECT_TRUE(writer.empty());
    const NoiseBlock block(setting.agent, 8 << 20);
    for (int i = 0; i < 3; ++i) block.addTo(writer);
    EXPECT_FALSE(writer.empty());
    EXPECT_FALSE(writer.full());
    block.addTo(writer);
    EXPECT_TRUE(writer.full());
    EXPECT_LE(uploaded.octets.size(), writer.size());
}

TEST(Pack, IsFullWhenItsDirectoryIs) {
    const PackSetting setting;
    Uploaded uploaded;
    PackWriter writer = setting.writer(uploaded);
    const std::vector<ChunkId> references(70'000);
    addBlock(writer, setting.agent, std::vector<TestChunk>{treeChunk("t", references)});
    EXPECT_TRUE(writer.full());
}

TEST(Pack, RefusesABlockThatNoReaderTakes) {
    const PackSetting setting;
    Uploaded uploaded;
    PackWriter writer = setting.writer(uploaded);
    BlockContent content;
    content.rawLength = pack_format::blockRawLimit + 1;
    expectError(ErrorCode::limitExceeded, [&] {
        writer.add(content, {Codec::zstd, bytesOf("x")});
    });
    writer.finish();
    readWholePack(setting, uploaded.octets, uploaded.id);
}

TEST(Pack, BrokenStaysBroken) {
    const PackSetting setting;
    const NoiseBlock block(setting.agent, 2 << 20);
    Uploaded uploaded;
    uploaded.failingSlice = 1;
    PackWriter writer = setting.writer(uploaded);
    expectError(ErrorCode::noSpace, [&] { block.addTo(writer); });
    EXPECT_TRUE(errorOf([&] { block.addTo(writer); }));
    EXPECT_TRUE(errorOf([&] { writer.finish(); }));
    EXPECT_FALSE(uploaded.registration);
}

TEST(Pack, BrokenAtItsEndStaysBroken) {
    const PackSetting setting;
    const NoiseBlock block(setting.agent, 10);
    for (const bool atFinish : {false, true}) {
        Uploaded uploaded;
        if (atFinish) uploaded.failingFinish = true;
        if (!atFinish) uploaded.failingSlice = 0;
        PackWriter writer = setting.writer(uploaded);
        block.addTo(writer);
        EXPECT_TRUE(errorOf([&] { writer.finish(); }));
        EXPECT_TRUE(errorOf([&] { writer.finish(); }));
        EXPECT_TRUE(errorOf([&] { block.addTo(writer); }));
        EXPECT_FALSE(uploaded.registration);
    }
}

TEST(Pack, FinishedTakesNothingMore) {
    const PackSetting setting;
    const NoiseBlock block(setting.agent, 10);
    Uploaded uploaded;
    PackWriter writer = setting.writer(uploaded);
    writer.finish();
    const Bytes finished = uploaded.octets;
    EXPECT_TRUE(errorOf([&] { block.addTo(writer); }));
    EXPECT_TRUE(errorOf([&] { writer.finish(); }));
    EXPECT_EQ(uploaded.octets, finished);
}

PackDirectory sampleDirectory(const AgentKeys& keys) {
    PackDirectory directory;
    directory.domain = keys.domain.id;
    std::uint64_t offset = pack_format::headerSize;
    for (const ChunkKind kind : {ChunkKind::data, ChunkKind::tree, ChunkKind::list}) {
        BlockPlace block{kind, Codec::zstd, offset, 50, 300, {}};
        for (std::uint8_t i = 1; i <= 2; ++i) {
            ChunkPlace chunk{ChunkId::from(Bytes(32, i)), i * 100U, {}};
            if (kind != ChunkKind::data) chunk.references = {chunk.id, chunk.id};
            block.chunks.push_back(chunk);
        }
        offset += block.sealedLength;
        directory.blocks.push_back(block);
    }
    return directory;
}

TEST(PackDirectory, RefusesWhatDoesNotAddUp) {
    const PackSetting setting;
    const PackDirectory good = sampleDirectory(setting.agent);
    const std::uint64_t end = pack_format::headerSize + 150;
    EXPECT_EQ(PackDirectory::decode(good.encode(), end).blocks.size(), 3U);

    const auto expectCorrupt = [&](const std::function<void(PackDirectory&)>& change) {
        PackDirectory changed = good;
        change(changed);
        expectError(ErrorCode::corrupt, [&] { PackDirectory::decode(changed.encode(), end); });
    };
    expectError(ErrorCode::corrupt, [&] { PackDirectory::decode(good.encode(), end + 1); });
    expectCorrupt([](PackDirectory& it) { it.blocks[0].sealedLength += 1; });
    expectCorrupt([](PackDirectory& it) { it.blocks[1].rawLength += 1; });
    expectCorrupt([](PackDirectory& it) { it.blocks[1].chunks[0].length += 1; });
    expectCorrupt([](PackDirectory& it) { it.blocks[2].chunks.pop_back(); });
    expectCorrupt([](PackDirectory& it) { it.blocks.pop_back(); });
    expectCorrupt([](PackDirectory& it) {
        it.blocks[0].rawLength = pack_format::blockRawLimit + 1;
        it.blocks[0].chunks[0].length = pack_format::blockRawLimit - 199;
    });
    // Later versions may add to these.
    const auto expectUnsupported = [&](const std::function<void(PackDirectory&)>& change) {
        PackDirectory changed = good;
        change(changed);
        expectError(ErrorCode::unsupported, [&] { PackDirectory::decode(changed.encode(), end); });
    };
    expectUnsupported([](PackDirectory& it) { it.blocks[0].kind = static_cast<ChunkKind>(4); });
    expectUnsupported([](PackDirectory& it) { it.blocks[0].codec = static_cast<Codec>(2); });
    Bytes octets = good.encode();
    for (std::size_t size = 0; size < octets.size(); ++size) {
        expectError(ErrorCode::corrupt,
                    [&] { PackDirectory::decode(ByteView(octets).first(size), end); });
    }
    octets.push_back(0);
    expectError(ErrorCode::corrupt, [&] { PackDirectory::decode(octets, end); });
}

// A count that the octets cannot hold is refused before room is made for it.
TEST(PackDirectory, RefusesLyingCounts) {
    const PackSetting setting;
    WireWriter writer;
    writer.raw(setting.agent.domain.id.view());
    writer.varint(1ULL << 62);
    expectError(ErrorCode::corrupt,
                [&] { PackDirectory::decode(writer.bytes(), pack_format::headerSize); });
}

}  // namespace
}  // namespace coffer
