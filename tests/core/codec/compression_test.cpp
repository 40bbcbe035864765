#include "core/codec/compression.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <random>
#include <string>

#include "tests/core/codec/allocation_watch.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

Bytes noise(std::size_t size) {
    std::mt19937 generator(1);
    Bytes data(size);
    for (std::uint8_t& octet : data) octet = static_cast<std::uint8_t>(generator());
    return data;
}

Bytes text(std::size_t size) {
    const std::string line = "the quick brown fox jumps over the lazy dog\n";
    Bytes data(size);
    for (std::size_t i = 0; i < size; ++i) {
        data[i] = static_cast<std::uint8_t>(line[(i + i / 1000) % line.size()]);
    }
    return data;
}

Bytes sentences(std::size_t size) {
    std::string text;
    for (std::uint32_t i = 0; text.size() < size; ++i) {
        text += "line " + std::to_string(i * 2654435761U) + " of many\n";
    }
    return toBytes(bytesOf(text.substr(0, size)));
}

Bytes compressed(ByteView data) {
    Compressor compressor(3);
    const Compressor::Packed packed = compressor.compress(data);
    EXPECT_EQ(packed.codec, Codec::zstd);
    return toBytes(packed.data);
}

// Expects a refusal that has allocated little more than `rawSize` and the input.
void expectRefused(const Bytes& data, std::size_t rawSize) {
    Decompressor decompressor;
    const std::size_t enough = std::max(data.size(), rawSize) + 4096;
    largestAllocation = 0;
    expectError(ErrorCode::corrupt, [&] { decompressor.decompress(Codec::zstd, data, rawSize); });
    EXPECT_LE(largestAllocation, enough);
}

TEST(Compression, GivesBackWhatWentInAtEveryLevel) {
    Decompressor decompressor;
    for (const int level : {1, 3, 9, 19}) {
        Compressor compressor(level);
        for (const std::size_t size : {1'000'000U, 100U, 1000U}) {
            const Bytes data = text(size);
            const Compressor::Packed packed = compressor.compress(data);
            ASSERT_EQ(packed.codec, Codec::zstd) << level;
            EXPECT_LT(packed.data.size(), size);
            EXPECT_EQ(decompressor.decompress(Codec::zstd, toBytes(packed.data), size), data);
            EXPECT_EQ(toBytes(decompressor.decompressHere(Codec::zstd, packed.data, size)), data);
        }
    }
}

TEST(Compression, LeavesWhatDoesNotShrinkAsItIs) {
    Compressor compressor(3);
    for (const std::size_t size : {0U, 1U, 5U, 1000U, 100'000U}) {
        const Bytes data = noise(size);
        const Compressor::Packed packed = compressor.compress(data);
        EXPECT_EQ(packed.codec, Codec::plain) << size;
        EXPECT_EQ(toBytes(packed.data), data);
        EXPECT_EQ(Decompressor().decompress(Codec::plain, toBytes(packed.data), size), data);
        EXPECT_EQ(Decompressor().decompressHere(Codec::plain, packed.data, size).data(),
                  packed.data.data());
    }
}

TEST(Compression, AHigherLevelIsSmaller) {
    std::mt19937 generator(1);
    Bytes data;
    for (int i = 0; i < 20'000; ++i) {
        append(data, bytesOf("entry " + std::to_string(generator() % 100) + " of the list\n"));
    }
    EXPECT_LT(Compressor(19).compress(data).data.size(), Compressor(1).compress(data).data.size());
}

TEST(Decompression, RefusesALengthThatLies) {
    const Bytes data = compressed(text(10'000));
    for (const std::size_t size : {0U, 1U, 9'999U, 10'001U, 1U << 20}) expectRefused(data, size);
    const Bytes plain = noise(100);
    for (const std::size_t size : {0U, 99U, 101U}) {
        expectError(ErrorCode::corrupt,
                    [&] { Decompressor().decompress(Codec::plain, plain, size); });
    }
}

TEST(Decompression, RefusesABomb) {
    const Bytes bomb = compressed(Bytes(64 << 20));
    ASSERT_LT(bomb.size(), 10'000U);
    expectRefused(bomb, 1000);
    // Frames one behind the other are no way around it.
    Bytes frames;
    const Bytes frame = compressed(Bytes(500));
    for (int i = 0; i < 1000; ++i) append(frames, frame);
    expectRefused(frames, 500);
    expectRefused(frames, 1000);
}

TEST(Decompression, RefusesAFrameThatClaimsAHugeSize) {
    // Magic, single segment with an 8-octet size of 2^62, an empty last block.
    const Bytes frame = fromHex("28b52ffde00000000000000040010000");
    ASSERT_EQ(ZSTD_getFrameContentSize(frame.data(), frame.size()), 1ULL << 62);
    expectRefused(frame, 0);
    expectRefused(frame, 100);
}

TEST(Decompression, RefusesWhatIsDamaged) {
    const Bytes data = compressed(text(10'000));
    for (std::size_t size = 0; size < data.size(); ++size) {
        expectRefused({data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size)}, 10'000);
    }
    Bytes longer = data;
    longer.push_back(0);
    expectRefused(longer, 10'000);
    expectRefused(noise(1000), 1000);
    EXPECT_EQ(Decompressor().decompress(Codec::zstd, data, 10'000), text(10'000));
}

TEST(Decompression, GoesOnAfterARefusal) {
    Decompressor decompressor;
    const Bytes data = compressed(text(10'000));
    expectError(ErrorCode::corrupt,
                [&] { decompressor.decompress(Codec::zstd, noise(100), 10'000); });
    EXPECT_EQ(decompressor.decompress(Codec::zstd, data, 10'000), text(10'000));
}

TEST(Decompression, RefusesACodecItDoesNotKnow) {
    expectError(ErrorCode::unsupported,
                [] { Decompressor().decompress(static_cast<Codec>(2), {}, 0); });
}

TEST(CompressorWithTables, GivesBackWhatWentIn) {
    Compressor compressor(3, MatchTables{.longLog = 15, .shortLog = 13});
    for (const std::size_t size : {0, 1, 100'000, 3 << 20, 5}) {
        const Bytes data = sentences(size);
        const auto [codec, packed] = compressor.compress(data);
        EXPECT_EQ(codec, size > 100 ? Codec::zstd : Codec::plain);
        EXPECT_EQ(Decompressor().decompress(codec, toBytes(packed), size), data);
    }
}

TEST(CompressorWithTables, LargerTablesFindMore) {
    // Noise that comes twice: who remembers where it was stores it once.
    Bytes data = noise(100'000);
    const Bytes again = data;
    data.insert(data.end(), again.begin(), again.end());
    const auto sizeWith = [&](const MatchTables& tables) {
        return Compressor(3, tables).compress(data).data.size();
    };
    EXPECT_LT(sizeWith({.longLog = 17, .shortLog = 16}), 110'000U);
    EXPECT_GT(sizeWith({.longLog = 8, .shortLog = 8}), 110'000U);
}

TEST(CompressorWithTables, RefusesTablesThatZstdDoesNotHave) {
    expectError(ErrorCode::internal,
                [] { Compressor(3, MatchTables{.longLog = 99, .shortLog = 13}); });
}

}  // namespace
}  // namespace coffer
