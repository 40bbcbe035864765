#include "core/pipeline/named_chunks.h"

#include <gtest/gtest.h>

#include "core/pipeline/pack_check.h"
#include "core/snapshot/content_list.h"
#include "core/snapshot/tree.h"
#include "tests/core/pipeline/pipeline_fixture.h"

namespace coffer {
namespace {

ChunkId idFrom(std::uint8_t first) {
    ChunkId id;
    id.bytes.front() = first;
    return id;
}

Bytes someList() {
    return ContentList{0, {{10, idFrom(1)}, {20, {}}, {30, idFrom(2)}, {40, idFrom(1)}}}.encode();
}

Bytes someTree() {
    return encodeSegmented({1, {{idFrom(3), 1}, {idFrom(4), 1}}});
}

/// A pack with one chunk and such references, as an agent may send it.
struct SentPack {
    PackVerdict judge(ChunkKind kind, const Bytes& content, std::vector<ChunkId> references) {
        const AgentKeys keys = fixture.repository->agentKeys(fixture.agent);
        WriteSession session(*fixture.repository, fixture.agent.id, std::nullopt);
        PackWriter writer(keys, session.openPack());
        ChunkPlace chunk;
        chunk.id = ChunkHasher(fixture.domainKey()).id(kind, content);
        chunk.length = static_cast<std::uint32_t>(content.size());
        chunk.references = std::move(references);
        writer.add({kind, chunk.length, {chunk}}, {Codec::plain, content});
        writer.finish();
        const PackInfo info = fixture.repository->ledger().packs().at(0);
        return judgePack(*fixture.repository, info, [](std::uint64_t) {});
    }
    PipelineFixture fixture;
};

TEST(NamedChunks, OfAListComeInOrderAndAsOftenAsNamed) {
    EXPECT_EQ(namedChunks(ChunkKind::list, someList()),
              (std::vector<ChunkId>{idFrom(1), idFrom(2), idFrom(1)}));
}

TEST(NamedChunks, OfALargeFolderAreItsSegments) {
    EXPECT_EQ(namedChunks(ChunkKind::tree, someTree()),
              (std::vector<ChunkId>{idFrom(3), idFrom(4)}));
}

TEST(NamedChunks, OfDataAreNone) {
    EXPECT_TRUE(namedChunks(ChunkKind::data, someList()).empty());
}

TEST(NamedChunks, APackWhoseDirectoryTellsThemIsVerified) {
    const auto verdict =
        SentPack().judge(ChunkKind::list, someList(), {idFrom(1), idFrom(2), idFrom(1)});
    EXPECT_EQ(verdict.state, PackState::verified) << verdict.damage->what();
}

TEST(NamedChunks, APackWhoseDirectoryLeavesOneOutIsNot) {
    EXPECT_EQ(SentPack().judge(ChunkKind::list, someList(), {idFrom(1), idFrom(2)}).state,
              PackState::suspect);
    EXPECT_EQ(SentPack().judge(ChunkKind::tree, someTree(), {idFrom(3)}).state, PackState::suspect);
}

// Fields that a later version adds may name chunks, too.
TEST(NamedChunks, APackWhoseDirectoryTellsMoreIsVerified) {
    EXPECT_EQ(SentPack()
                  .judge(ChunkKind::list, someList(),
                         {idFrom(9), idFrom(1), idFrom(2), idFrom(9), idFrom(1)})
                  .state,
              PackState::verified);
    EXPECT_EQ(
        SentPack().judge(ChunkKind::list, someList(), {idFrom(1), idFrom(1), idFrom(2)}).state,
        PackState::suspect);  // in another order
}

TEST(NamedChunks, WhatIsNoTreeNamesNothing) {
    EXPECT_THROW(namedChunks(ChunkKind::tree, Bytes{1, 2, 3}), Error);
    EXPECT_EQ(SentPack().judge(ChunkKind::tree, {1, 2, 3}, {idFrom(1)}).state, PackState::verified);
}

}  // namespace
}  // namespace coffer
