#include "core/schedule/time_zone.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/core/schedule/moments.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

std::string utcOf(const char* local, const TimeZone& zone) {
    return toIso8601(at(local, zone));
}

TEST(TimeZoneTest, UtcIsItself) {
    const TimeZone zone;
    EXPECT_EQ(zone.name(), "UTC");
    EXPECT_EQ(zone.toUtc(1'000), 1'000);
    EXPECT_EQ(zone.toLocal(-5), -5);
    EXPECT_EQ(TimeZone::load("UTC").offsetAt(0), 0);
}

TEST(TimeZoneTest, ATimeThatDoesNotComeIsTheEndOfTheGap) {
    const TimeZone berlin = TimeZone::load("Europe/Berlin");
    EXPECT_EQ(utcOf("2026-03-29 01:59", berlin), "2026-03-29T00:59:00Z");
    EXPECT_EQ(utcOf("2026-03-29 02:00", berlin), "2026-03-29T01:00:00Z");
    EXPECT_EQ(utcOf("2026-03-29 02:30", berlin), "2026-03-29T01:00:00Z");
    EXPECT_EQ(utcOf("2026-03-29 03:00", berlin), "2026-03-29T01:00:00Z");
    EXPECT_EQ(utcOf("2026-03-29 03:01", berlin), "2026-03-29T01:01:00Z");
}

TEST(TimeZoneTest, ATimeThatComesTwiceIsItsFirstOccurrence) {
    const TimeZone berlin = TimeZone::load("Europe/Berlin");
    EXPECT_EQ(utcOf("2026-10-25 02:00", berlin), "2026-10-25T00:00:00Z");
    EXPECT_EQ(utcOf("2026-10-25 02:59", berlin), "2026-10-25T00:59:00Z");
    EXPECT_EQ(utcOf("2026-10-25 03:00", berlin), "2026-10-25T02:00:00Z");
}

TEST(TimeZoneTest, OffsetsNeedNotBeHours) {
    EXPECT_EQ(TimeZone::load("Asia/Kolkata").offsetAt(1'800'000'000), 19'800);
    const TimeZone island = TimeZone::load("Australia/Lord_Howe");  // half an hour of summer time
    EXPECT_EQ(island.offsetAt(at("2026-01-15 12:00", {}).seconds), 11 * 3600);
    EXPECT_EQ(island.offsetAt(at("2026-07-15 12:00", {}).seconds), 10 * 3600 + 1800);
}

TEST(TimeZoneTest, BehindTheTableTheRuleGoesOn) {
    const TimeZone york = TimeZone::load("America/New_York");
    EXPECT_EQ(york.offsetAt(at("2400-01-15 12:00", {}).seconds), -5 * 3600);
    EXPECT_EQ(york.offsetAt(at("2400-07-15 12:00", {}).seconds), -4 * 3600);
    EXPECT_EQ(utcOf("2400-03-12 02:30", york), "2400-03-12T07:00:00Z");
    EXPECT_EQ(utcOf("2400-11-05 01:30", york), "2400-11-05T05:30:00Z");
}

TEST(TimeZoneTest, WinterTimeMayBeTheOneThatIsSummerTime) {
    const TimeZone dublin = TimeZone::load("Europe/Dublin");  // its rule has negative summer time
    EXPECT_EQ(dublin.offsetAt(at("2200-01-15 12:00", {}).seconds), 0);
    EXPECT_EQ(dublin.offsetAt(at("2200-07-15 12:00", {}).seconds), 3600);
}

TEST(TimeZoneTest, ADayMayBeMissing) {
    const TimeZone samoa = TimeZone::load("Pacific/Apia");
    EXPECT_EQ(shownLocal(at("2011-12-30 12:00", samoa).seconds, samoa), "2011-12-31 00:00:00");
}

TEST(TimeZoneTest, LocalTimeNeverGoesBackWhenItBecomesUtc) {
    for (const char* name :
         {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca",
          "Pacific/Apia", "Africa/Cairo", "America/Havana"}) {
        const TimeZone zone = TimeZone::load(name);
        std::int64_t before = zone.toUtc(localSeconds("2019-12-31 00:00"));
        for (std::int64_t local = localSeconds("2020-01-01 00:00");
             local < localSeconds("2031-01-01 00:00"); local += 1800) {
            const std::int64_t utc = zone.toUtc(local);
            ASSERT_GE(utc, before) << name << ' ' << shownLocal(utc, zone);
            ASSERT_GE(zone.toLocal(utc), local) << name;
            before = utc;
        }
    }
}

TEST(TimeZoneTest, IsAsItsFileWasWhenItWasLoaded) {
    const ScratchFolder folder;
    const auto put = [&](const std::string& name) {
        std::filesystem::copy_file(TimeZone::systemFolder + ("/" + name), folder / "Here",
                                   std::filesystem::copy_options::overwrite_existing);
    };
    put("Europe/Berlin");
    const TimeZone before = TimeZone::load("Here", folder.path());
    put("Asia/Kolkata");
    EXPECT_EQ(before.offsetAt(1'800'000'000), 3'600);
    EXPECT_EQ(TimeZone::load("Here", folder.path()).offsetAt(1'800'000'000), 19'800);
    std::filesystem::resize_file(folder / "Here", 100);  // while it is being replaced
    expectError(ErrorCode::corrupt, [&] { TimeZone::load("Here", folder.path()); });
    std::filesystem::remove(folder / "Here");
    expectError(ErrorCode::notFound, [&] { TimeZone::load("Here", folder.path()); });
    EXPECT_EQ(before.offsetAt(1'800'000'000), 3'600);
}

TEST(TimeZoneTest, NamesDoNotLeadOutOfTheFolder) {
    for (const char* name :
         {"", "/etc/passwd", "../../../etc/passwd", "Europe//Berlin", "Europe/", "a b", "x.tab"}) {
        expectError(
            ErrorCode::invalidArgument, [&] { TimeZone::load(name); }, "no name of a time");
    }
    expectError(
        ErrorCode::notFound, [] { TimeZone::load("Europe/Berlim"); }, "'Europe/Berlim'");
    expectError(ErrorCode::notFound, [] { TimeZone::load("Europe"); });
}

}  // namespace
}  // namespace coffer
