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

TEST(BlockCompressor, GivesBackWhatWentIn) {
    BlockCompressor compressor(2);
    for (std::uint32_t i = 0; i < 4; ++i) {
        const Bytes data = i % 2 == 0 ? fewKinds(200'000, i) : noise(200'000, i);
        const auto [codec, packed] = compressor.compress(ChunkKind::data, data);
        EXPECT_EQ(Decompressor().decompress(codec, toBytes(packed), data.size()), data);
    }
}

TEST(BlockCompressor, NeverWorksLessThanItWasTold) {
    const Bytes dense = fewKinds(300'000, 1);
    BlockCompressor compressor(5);
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(compressor.compress(ChunkKind::data, dense).data.size(), sizeAt(5, dense));
    }
}

}  // namespace
}  // namespace coffer
