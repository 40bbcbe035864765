#include "core/chunk/chunker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>
#include <random>
#include <set>
#include <vector>

#include "core/base/digest.h"
#include "core/base/wire.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

constexpr ChunkerParameters smallChunks{1024, 4096, 16384};
constexpr ChunkerSeed seed{1, 2, 3};

Bytes randomData(std::size_t size, std::uint64_t start = 1) {
    std::mt19937_64 generator(start);
    Bytes data(size);
    for (std::size_t at = 0; at < size; at += 8) {
        std::uint64_t word = generator();
        for (std::size_t i = at; i < std::min(at + 8, size); ++i, word >>= 8) {
            data[i] = static_cast<std::uint8_t>(word);
        }
    }
    return data;
}

std::vector<Bytes> chunksOf(const Chunker& chunker, ByteView data) {
    std::vector<Bytes> chunks;
    while (!data.empty()) {
        const std::size_t length = chunker.cut(data);
        EXPECT_GT(length, 0U);
        EXPECT_LE(length, data.size());
        if (length == 0 || length > data.size()) break;
        chunks.push_back(toBytes(data.first(length)));
        data = data.subspan(length);
    }
    return chunks;
}

std::vector<std::size_t> sizesOf(const Chunker& chunker, ByteView data) {
    std::vector<std::size_t> sizes;
    for (const Bytes& chunk : chunksOf(chunker, data)) sizes.push_back(chunk.size());
    return sizes;
}

void expectWithinBounds(const std::vector<std::size_t>& sizes, const ChunkerParameters& bounds) {
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        EXPECT_LE(sizes[i], bounds.maximumSize);
        if (i + 1 < sizes.size()) {
            EXPECT_GE(sizes[i], bounds.minimumSize);
        }
    }
}

TEST(Chunker, KeepsSizesWithinBounds) {
    const Chunker chunker(smallChunks, seed);
    expectWithinBounds(sizesOf(chunker, randomData(1 << 20)), smallChunks);
    for (unsigned octet = 0; octet < 256; ++octet) {
        const Bytes monotone(200'000, static_cast<std::uint8_t>(octet));
        const auto sizes = sizesOf(chunker, monotone);
        expectWithinBounds(sizes, smallChunks);
        // What looks the same everywhere is cut into equal pieces.
        for (std::size_t i = 1; i + 1 < sizes.size(); ++i) EXPECT_EQ(sizes[i], sizes[0]);
    }
}

TEST(Chunker, AverageIsNearTheParameter) {
    const ChunkerParameters parameters;
    const Bytes data = randomData(64 << 20);
    const auto sizes = sizesOf(Chunker(parameters, seed), data);
    expectWithinBounds(sizes, parameters);
    const double average = static_cast<double>(data.size()) / static_cast<double>(sizes.size());
    EXPECT_GT(average, 0.7 * parameters.averageSize);
    EXPECT_LT(average, 1.5 * parameters.averageSize);
}

TEST(Chunker, NothingBeyondTheMaximumMatters) {
    const Chunker chunker(smallChunks, seed);
    for (std::uint64_t start = 1; start <= 50; ++start) {
        Bytes data = randomData(64 * 1024, start);
        const std::size_t length = chunker.cut(data);
        EXPECT_EQ(chunker.cut(ByteView(data).first(smallChunks.maximumSize)), length);
        std::fill(data.begin() + smallChunks.maximumSize, data.end(), std::uint8_t{0});
        EXPECT_EQ(chunker.cut(data), length);
        EXPECT_EQ(chunker.cut(ByteView(data).first(length)), length);
    }
}

TEST(Chunker, AnInsertionChangesFewChunks) {
    const Chunker chunker(smallChunks, seed);
    Bytes data = randomData(1 << 20);
    const auto before = chunksOf(chunker, data);
    ASSERT_GT(before.size(), 100U);
    for (const std::size_t at : {std::size_t{0}, data.size() / 3, data.size() / 2}) {
        Bytes changed = data;
        const auto position = changed.begin() + static_cast<std::ptrdiff_t>(at);
        changed.insert(position, std::uint8_t{0x42});
        const auto after = chunksOf(chunker, changed);
        const std::set<Bytes> known(before.begin(), before.end());
        const auto unknown = std::ranges::count_if(
            after, [&](const Bytes& chunk) { return !known.contains(chunk); });
        EXPECT_GE(unknown, 1);
        EXPECT_LE(unknown, 6);
    }
}

TEST(Chunker, TheSeedDecidesTheCuts) {
    const Bytes data = randomData(1 << 20);
    ChunkerSeed other = seed;
    other.back() = 1;
    const auto cuts = sizesOf(Chunker(smallChunks, seed), data);
    EXPECT_EQ(sizesOf(Chunker(smallChunks, seed), data), cuts);
    EXPECT_NE(sizesOf(Chunker(smallChunks, other), data), cuts);
}

TEST(Chunker, EmptyAndTinyData) {
    const Chunker chunker(smallChunks, seed);
    EXPECT_EQ(chunker.cut({}), 0U);
    const Bytes data = randomData(smallChunks.minimumSize);
    for (const std::size_t size : {std::size_t{1}, data.size() - 1, data.size()}) {
        EXPECT_EQ(chunker.cut(ByteView(data).first(size)), size);
    }
}

// Cuts must stay where they are, or every file would be stored anew. Data: octet i is the low octet
// of (i * i * 2654435761) >> 13; sizes from an independent program.
TEST(Chunker, CutsOfKnownDataStay) {
    Bytes data(100'000);
    for (std::uint64_t i = 0; i < data.size(); ++i) {
        data[i] = static_cast<std::uint8_t>(i * i * 2654435761U >> 13);
    }
    const std::vector<std::size_t> expected{5185, 4132, 4412, 4108, 5478, 5547, 5181, 3266,
                                            5168, 5670, 5935, 1488, 4184, 4889, 4984, 4399,
                                            4980, 5186, 6119, 4235, 5393, 61};
    EXPECT_EQ(sizesOf(Chunker(smallChunks, seed), data), expected);
}

// The rule of docs/formats/chunking.md, octet by octet.
std::size_t cutByTheRule(const ChunkerParameters& bounds, ByteView data) {
    std::array<std::uint64_t, 256> gear;
    for (std::uint32_t i = 0; i < gear.size(); ++i) {
        WireWriter input;
        input.raw(seed);
        input.u32(i);
        gear[i] = WireReader(sha256(input.bytes()).view()).u64();
    }
    const int bits = std::countr_zero(bounds.averageSize);
    std::uint64_t hash = 0;
    for (std::size_t at = bounds.minimumSize; at < data.size(); ++at) {
        if (at == bounds.maximumSize) return at;
        hash = (hash << 1) + gear[data[at]];
        const int looked = at < bounds.averageSize ? bits + 2 : bits - 2;
        if (hash >> (64 - looked) == 0) return at + 1;
    }
    return data.size();
}

// Whichever of the positions that are looked at together a cut falls on, and wherever data end.
TEST(Chunker, CutsAreThoseOfTheRule) {
    const ChunkerParameters bounds{67, 128, 517};
    const Chunker chunker(bounds, seed);
    std::set<std::size_t> cuts;
    for (std::uint64_t start = 1; start <= 40; ++start) {
        const Bytes data = randomData(600, start);
        for (std::size_t size = 0; size <= data.size(); size += start % 7 + 1) {
            const ByteView view = ByteView(data).first(size);
            const std::size_t cut = chunker.cut(view);
            ASSERT_EQ(cut, cutByTheRule(bounds, view)) << start << ", " << size;
            if (cut < size) cuts.insert(cut % 4);
        }
    }
    EXPECT_EQ(cuts.size(), 4U);
}

TEST(Chunker, ChecksItsParameters) {
    const ChunkerParameters good[] = {{}, smallChunks, {64, 128, 129}, {64, 4096, 8 << 20}};
    for (const ChunkerParameters& parameters : good) EXPECT_NO_THROW(parameters.check());
    const ChunkerParameters bad[] = {
        {1024, 5000, 16384},         // the average is no power of two
        {1024, 0, 16384},            //
        {63, 4096, 16384},           // the minimum is too small
        {4096, 4096, 16384},         // minimum, average and maximum must ascend
        {8192, 4096, 16384},         //
        {1024, 4096, 4096},          //
        {1024, 4096, 2048},          //
        {1024, 4096, (8 << 20) + 1}  // the maximum is too large
    };
    for (const ChunkerParameters& parameters : bad) {
        expectError(ErrorCode::corrupt, [&] { parameters.check(); });
        expectError(ErrorCode::corrupt, [&] { Chunker(parameters, seed); });
    }
}

}  // namespace
}  // namespace coffer
