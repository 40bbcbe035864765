#include "core/base/wire.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

constexpr auto greatest = std::numeric_limits<std::uint64_t>::max();

template <class Read>
void expectCorrupt(const Bytes& input, Read&& read) {
    SCOPED_TRACE(toHex(input));
    expectError(ErrorCode::corrupt, [&] {
        WireReader reader(input);
        read(reader);
    });
}

TEST(Wire, FixedIntegersAreLittleEndian) {
    WireWriter writer;
    writer.u8(0x01);
    writer.u16(0x0203);
    writer.u32(0x04050607);
    writer.u64(0x08090a0b0c0d0e0f);
    EXPECT_EQ(toHex(writer.bytes()), "010302070605040f0e0d0c0b0a0908");
    WireReader reader(writer.bytes());
    EXPECT_EQ(reader.u8(), 0x01);
    EXPECT_EQ(reader.u16(), 0x0203);
    EXPECT_EQ(reader.u32(), 0x04050607U);
    EXPECT_EQ(reader.u64(), 0x08090a0b0c0d0e0fU);
    reader.expectEnd();
}

TEST(Wire, VarintsHaveTheirKnownForm) {
    const std::pair<std::uint64_t, const char*> samples[] = {
        {0, "00"},     {1, "01"},       {127, "7f"},       {128, "8001"},
        {300, "ac02"}, {16383, "ff7f"}, {16384, "808001"}, {greatest, "ffffffffffffffffff01"}};
    for (const auto& [value, form] : samples) {
        WireWriter writer;
        writer.varint(value);
        EXPECT_EQ(toHex(writer.bytes()), form);
        WireReader reader(writer.bytes());
        EXPECT_EQ(reader.varint(), value);
        EXPECT_TRUE(reader.atEnd());
    }
}

TEST(Wire, VarintsComeBackAroundEveryPowerOfTwo) {
    for (unsigned shift = 0; shift < 64; ++shift) {
        for (const std::uint64_t value :
             {(std::uint64_t{1} << shift) - 1, std::uint64_t{1} << shift,
              (std::uint64_t{1} << shift) + 1}) {
            WireWriter writer;
            writer.varint(value);
            EXPECT_EQ(WireReader(writer.bytes()).varint(), value);
        }
    }
}

TEST(Wire, VarintsMustBeShortestAndFit) {
    const auto read = [](WireReader& reader) { reader.varint(); };
    for (const char* form :
         {"", "80", "8000", "8180", "818000", "ff00", "ffffffffffffffffff02",
          "ffffffffffffffffff7f", "ffffffffffffffffff8001", "ffffffffffffffffffff01",
          "80808080808080808000", "80808080808080808080"}) {
        expectCorrupt(fromHex(form), read);
    }
}

TEST(Wire, ZigzagKeepsSigns) {
    const std::pair<std::int64_t, const char*> samples[] = {
        {0, "00"},
        {-1, "01"},
        {1, "02"},
        {-2, "03"},
        {-64, "7f"},
        {64, "8001"},
        {std::numeric_limits<std::int64_t>::max(), "feffffffffffffffff01"},
        {std::numeric_limits<std::int64_t>::min(), "ffffffffffffffffff01"}};
    for (const auto& [value, form] : samples) {
        WireWriter writer;
        writer.zigzag(value);
        EXPECT_EQ(toHex(writer.bytes()), form);
        EXPECT_EQ(WireReader(writer.bytes()).zigzag(), value);
    }
}

TEST(Wire, SizedOctetsAndTimes) {
    WireWriter writer;
    writer.sized("abc");
    writer.sized(ByteView{});
    writer.time({-5, 999'999'999});
    writer.raw(Bytes{7, 8});
    EXPECT_EQ(writer.size(), writer.bytes().size());
    WireReader reader(writer.bytes());
    EXPECT_EQ(reader.text(3), "abc");
    EXPECT_TRUE(reader.sized(0).empty());
    EXPECT_EQ(reader.time(), (Timestamp{-5, 999'999'999}));
    EXPECT_EQ(reader.remaining(), 2U);
    EXPECT_EQ(toBytes(reader.raw(2)), (Bytes{7, 8}));
    reader.expectEnd();
}

TEST(Wire, NeverReadsPastTheEnd) {
    expectCorrupt({}, [](WireReader& reader) { reader.u8(); });
    expectCorrupt({1}, [](WireReader& reader) { reader.u16(); });
    expectCorrupt({1, 2, 3}, [](WireReader& reader) { reader.u32(); });
    expectCorrupt({1, 2, 3, 4, 5, 6, 7}, [](WireReader& reader) { reader.u64(); });
    expectCorrupt({1, 2}, [](WireReader& reader) { reader.raw(3); });
    expectCorrupt({1, 2}, [](WireReader& reader) { reader.raw(~std::size_t{0}); });
    expectCorrupt({2, 'a'}, [](WireReader& reader) { reader.sized(10); });
    expectCorrupt(Bytes(31), [](WireReader& reader) { reader.id<Digest>(); });
}

TEST(Wire, KeepsToLimits) {
    expectCorrupt({3, 'a', 'b', 'c'}, [](WireReader& reader) { reader.sized(2); });
    expectCorrupt({9}, [](WireReader& reader) { reader.bounded(8, "colour"); });
    EXPECT_EQ(WireReader(Bytes{8}).bounded(8, "colour"), 8U);
    expectError(
        ErrorCode::corrupt, [] { WireReader(Bytes{9}).bounded(8, "colour"); }, "colour 9");
    WireWriter writer;
    writer.zigzag(0);
    writer.varint(1'000'000'000);
    expectCorrupt(writer.bytes(), [](WireReader& reader) { reader.time(); });
    expectCorrupt({1}, [](WireReader& reader) { reader.expectEnd(); });
}

TEST(Wire, CountsThatLieAreRefused) {
    const Bytes honest{2, 1, 2, 3, 4, 5, 6, 7, 8};
    EXPECT_EQ(WireReader(honest).count(4, "items"), 2U);
    EXPECT_EQ(WireReader(Bytes{0}).count(4, "items"), 0U);
    expectCorrupt({3, 1, 2, 3, 4, 5, 6, 7, 8},
                  [](WireReader& reader) { reader.count(4, "items"); });
    expectCorrupt({2, 1, 2, 3, 4, 5, 6, 7}, [](WireReader& reader) { reader.count(4, "items"); });
    WireWriter writer;
    writer.varint(greatest);
    expectCorrupt(writer.bytes(), [](WireReader& reader) { reader.count(1, "items"); });
}

TEST(Wire, TakeEmptiesTheWriter) {
    WireWriter writer;
    writer.u8(1);
    EXPECT_EQ(writer.take(), Bytes{1});
    EXPECT_EQ(writer.size(), 0U);
}

}  // namespace
}  // namespace coffer
