#include "core/schedule/zone_table.h"

#include <gtest/gtest.h>

#include <string>

#include "core/base/calendar.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

struct FileParts {
    std::string magic = "TZif";
    std::vector<std::int64_t> changes{100, 200};
    std::vector<std::uint8_t> kinds{1, 0};
    std::vector<std::int32_t> offsets{0, 3600};
    std::uint32_t changeCount = 2;
    std::uint32_t leapSeconds = 0;
    std::string footer = "\nCET-1CEST,M3.5.0,M10.5.0/3\n";
};

void put(Bytes& file, std::uint64_t value, std::size_t size) {
    for (std::size_t i = size; i-- > 0;)
        file.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void putBlock(Bytes& file, const FileParts& parts, std::uint8_t version, std::size_t timeSize) {
    append(file, bytesOf(parts.magic));
    file.push_back(version);
    put(file, 0, 15);
    for (const std::uint32_t count : {0U, 0U, parts.leapSeconds, parts.changeCount,
                                      static_cast<std::uint32_t>(parts.offsets.size()), 4U}) {
        put(file, count, 4);
    }
    for (const std::int64_t at : parts.changes) put(file, static_cast<std::uint64_t>(at), timeSize);
    for (const std::uint8_t kind : parts.kinds) file.push_back(kind);
    for (const std::int32_t offset : parts.offsets) {
        put(file, static_cast<std::uint32_t>(offset), 4);
        put(file, 0, 2);
    }
    append(file, bytesOf(std::string_view("ABC\0", 4)));
    put(file, 0, parts.leapSeconds * (timeSize + 4));
}

Bytes fileOf(const FileParts& parts) {
    Bytes file;
    putBlock(file, parts, '2', 4);
    putBlock(file, parts, '2', 8);
    append(file, bytesOf(parts.footer));
    return file;
}

TEST(ZoneTableTest, IsRead) {
    const ZoneTable table = ZoneTable::decode(fileOf({}));
    ASSERT_EQ(table.changes.size(), 2U);
    EXPECT_EQ(table.changes[0].at, 100);
    EXPECT_EQ(table.changes[0].offset, 3600);
    EXPECT_EQ(table.changes[1].offset, 0);
    ASSERT_TRUE(table.rule);
    EXPECT_EQ(table.rule->standardOffset(), 3600);
}

TEST(ZoneTableTest, TheFirstVersionHasNoRule) {
    Bytes file;
    putBlock(file, {}, 0, 4);
    const ZoneTable table = ZoneTable::decode(file);
    EXPECT_EQ(table.changes.size(), 2U);
    EXPECT_FALSE(table.rule);
    EXPECT_FALSE(ZoneTable::decode(fileOf({.footer = "\n\n"})).rule);
}

TEST(ZoneTableTest, EveryCutIsNoticed) {
    const Bytes file = fileOf({});
    for (std::size_t size = 0; size < file.size(); ++size) {
        EXPECT_ANY_THROW(ZoneTable::decode(ByteView(file).first(size))) << size;
    }
}

TEST(ZoneTableTest, WhatDoesNotAgreeIsRefused) {
    const auto refused = [](const FileParts& parts, ErrorCode code = ErrorCode::corrupt) {
        expectError(code, [&] { ZoneTable::decode(fileOf(parts)); });
    };
    refused({.magic = "TZIF"});
    refused({.changes = {200, 100}});
    refused({.changes = {100, 100}});
    refused({.kinds = {0, 2}});
    refused({.offsets = {0, 100'000}});
    refused({.changes = {}, .kinds = {}, .offsets = {}, .changeCount = 0});
    refused({.footer = "CET-1"});
    refused({.footer = "\nCET-1"});
    refused({.leapSeconds = 1}, ErrorCode::unsupported);
    refused({.changeCount = 4'000'000'000U}, ErrorCode::limitExceeded);
}

TEST(PosixZoneTest, BadRulesAreRefused) {
    for (const char* text :
         {"", "C", "CE", "CET", "CET-25", "CET-1CEST", "CET-1CEST,M3.5.0",
          "CET-1CEST,M13.5.0,M1.1.1", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
          "CET-1CEST,J0,J5", "CET-1CEST,366,1", "CET-1CEST,M3.5.0,M10.5.0/168",
          "CET-1CEST,M3.5.0,M10.5.0x", "<+01-1", "CET-1:60", "CET-99999999999999"}) {
        expectError(
            ErrorCode::corrupt, [&] { PosixZone::parse(text); }, "no rule");
    }
}

TEST(PosixZoneTest, DaysAreCountedInThreeWays) {
    const auto first = [](const char* text, std::int64_t year) {
        return PosixZone::parse(text).changesOf(year).front().at;
    };
    constexpr std::int64_t day = 86'400;
    EXPECT_EQ(first("AAA0BBB,J60/0,J300/0", 2028), daysOf({2028, 3, 1}) * day);
    EXPECT_EQ(first("AAA0BBB,J60/0,J300/0", 2027), daysOf({2027, 3, 1}) * day);
    EXPECT_EQ(first("AAA0BBB,59/0,300/0", 2028), daysOf({2028, 2, 29}) * day);
    EXPECT_EQ(first("AAA0BBB,M3.5.0/0,M10.5.0", 2026), daysOf({2026, 3, 29}) * day);
    EXPECT_EQ(first("AAA0BBB,M2.1.0/0,M10.5.0", 2026), daysOf({2026, 2, 1}) * day);
    EXPECT_EQ(first("AAA0BBB,M3.2.0/-1,M10.5.0", 2026), daysOf({2026, 3, 8}) * day - 3600);
}

TEST(PosixZoneTest, NamesMayBeSigns) {
    EXPECT_EQ(PosixZone::parse("<+0330>-3:30").standardOffset(), 12'600);
    EXPECT_TRUE(PosixZone::parse("<+01>-1").changesOf(2030).empty());
}

}  // namespace
}  // namespace coffer
