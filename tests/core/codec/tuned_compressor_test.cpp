#include "core/codec/tuned_compressor.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

Bytes sentences(std::size_t size) {
    std::string text;
    for (std::uint32_t i = 0; text.size() < size; ++i) {
        text += "line " + std::to_string(i * 2654435761U) + " of many\n";
    }
    return toBytes(bytesOf(text.substr(0, size)));
}

TEST(TunedCompressor, GivesBackWhatWentIn) {
    TunedCompressor compressor(3, {.longLog = 15, .shortLog = 13});
    for (const std::size_t size : {0, 1, 100'000, 3 << 20, 5}) {
        const Bytes data = sentences(size);
        const auto [codec, packed] = compressor.compress(data);
        EXPECT_EQ(codec, size > 100 ? Codec::zstd : Codec::plain);
        EXPECT_EQ(Decompressor().decompress(codec, toBytes(packed), size), data);
    }
}

TEST(TunedCompressor, LargerTablesFindMore) {
    // Noise that comes twice: who remembers where it was stores it once.
    std::mt19937 generator(1);
    Bytes data(100'000);
    for (std::uint8_t& octet : data) octet = static_cast<std::uint8_t>(generator());
    const Bytes again = data;
    data.insert(data.end(), again.begin(), again.end());
    const auto sizeWith = [&](const MatchTables& tables) {
        return TunedCompressor(3, tables).compress(data).data.size();
    };
    EXPECT_LT(sizeWith({.longLog = 17, .shortLog = 16}), 110'000U);
    EXPECT_GT(sizeWith({.longLog = 8, .shortLog = 8}), 110'000U);
}

TEST(TunedCompressor, RefusesTablesThatZstdDoesNotHave) {
    expectError(ErrorCode::internal, [] { TunedCompressor(3, {.longLog = 99, .shortLog = 13}); });
}

}  // namespace
}  // namespace coffer
