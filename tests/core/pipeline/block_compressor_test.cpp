#include "core/pipeline/block_compressor.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/test_repository.h"

namespace coffer {
namespace {

/// Octets of a few kinds in no order: they shrink to some 40 %.
Bytes fewKinds(std::size_t size, std::uint32_t seed) {
    Bytes data = noise(size, seed);
    for (std::uint8_t& octet : data) octet &= 7;
    return data;
}

Bytes sentences(std::size_t size) {
    std::string text;
    for (int i = 0; text.size() < size; ++i) text += "line " + std::to_string(i) + " of many\n";
    return toBytes(bytesOf(text.substr(0, size)));
}

std::size_t sizeAt(int level, ByteView data) {
    return Compressor(level).compress(data).data.size();
}

TEST(BlockCompressor, TriesHarderBehindABlockThatShrankLittle) {
    const Bytes dense = fewKinds(300'000, 1);
    const Bytes text = sentences(300'000);
    ASSERT_NE(sizeAt(2, text), sizeAt(3, text));
    BlockCompressor compressor(2);
    EXPECT_EQ(compressor.compress(ChunkKind::data, text).data.size(), sizeAt(2, text));
    compressor.compress(ChunkKind::data, dense);
    EXPECT_EQ(compressor.compress(ChunkKind::tree, text).data.size(), sizeAt(2, text));
    EXPECT_EQ(compressor.compress(ChunkKind::data, text).data.size(), sizeAt(3, text));
    EXPECT_EQ(compressor.compress(ChunkKind::data, text).data.size(), sizeAt(2, text));
}

TEST(BlockCompressor, LargeBlocksAreNeitherUsualNorWhatOthersLookAt) {
    const Bytes dense = fewKinds(2 << 20, 1);
    const Bytes text = sentences(2 << 20);
    const Bytes little = sentences(300'000);
    BlockCompressor compressor(2);
    const std::size_t large = compressor.compress(ChunkKind::data, text).data.size();
    EXPECT_NE(large, sizeAt(2, text));
    EXPECT_NE(large, sizeAt(3, text));
    compressor.compress(ChunkKind::data, dense);
    EXPECT_EQ(compressor.compress(ChunkKind::data, text).data.size(), large);
    EXPECT_EQ(compressor.compress(ChunkKind::data, little).data.size(), sizeAt(2, little));
    EXPECT_EQ(compressor.compress(ChunkKind::tree, text).data.size(), sizeAt(2, text));
}

TEST(BlockCompressor, GivesBackWhatWentIn) {
    BlockCompressor compressor(2);
    for (std::uint32_t i = 0; i < 6; ++i) {
        const std::size_t size = i < 4 ? 200'000 : 3 << 20;
        const Bytes data = i % 2 == 0 ? fewKinds(size, i) : noise(size, i);
        const auto [codec, packed] = compressor.compress(ChunkKind::data, data);
        EXPECT_EQ(Decompressor().decompress(codec, toBytes(packed), data.size()), data);
    }
}

TEST(BlockCompressor, NeverWorksLessThanItWasTold) {
    BlockCompressor compressor(5);
    for (const std::size_t size : {300'000, 300'000, 2 << 20}) {
        const Bytes dense = fewKinds(size, 1);
        EXPECT_EQ(compressor.compress(ChunkKind::data, dense).data.size(), sizeAt(5, dense));
    }
}

}  // namespace
}  // namespace coffer
