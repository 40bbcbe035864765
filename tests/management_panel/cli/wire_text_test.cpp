// What came over the wire, made fit for people and for JSON.

#include "management_panel/cli/wire_text.h"

#include <gtest/gtest.h>

#include <sstream>

#include "core/rpc/convert.h"
#include "management_panel/cli/entry_view.h"
#include "management_panel/cli/listing.h"
#include "management_panel/cli/run_view.h"
#include "tests/management_panel/client/fake_server.h"

namespace coffer::cli {
namespace {

TEST(WireText, isSafeToShow) {
    EXPECT_EQ(shown("plain"), "plain");
    EXPECT_EQ(shown("\x1b[2J"), "\\x1b[2J");
    EXPECT_EQ(shown("a\\x1bb"), "a\\x1bb");  // escaped by the sender already
    EXPECT_EQ(shown("\xff"), "\\xff");
}

TEST(WireText, momentsMayBeUnknownOrNonsense) {
    EXPECT_EQ(momentText(rpc::unknownMoment()), "-");
    EXPECT_TRUE(momentJson(rpc::unknownMoment()).is_null());
    EXPECT_EQ(momentText({0, 1'000'000'000}), "-");
    EXPECT_EQ(momentJson({1'700'000'000, 5}), "2023-11-14T22:13:20Z");
}

TEST(WireText, numbersAreDecimalAndNothingElse) {
    EXPECT_EQ(numberIn("18446744073709551615"), UINT64_MAX);
    for (const char* text : {"", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616", "1e3"}) {
        EXPECT_EQ(numberIn(text), std::nullopt) << text;
    }
}

TEST(WireText, settingsBecomeFieldsOfJson) {
    const Coffer::Settings settings =
        rpc::toSettings({{"read-bytes", "12"}, {"files", "x"}, {"Bad\nName", "3"}, {"", "4"}});
    EXPECT_EQ(countsJson(settings).dump(), R"({"readBytes":12})");
    EXPECT_EQ(factsJson(settings).dump(), R"({"files":"x","readBytes":"12"})");
    EXPECT_EQ(valueOf(settings, "files"), "x");
    EXPECT_FALSE(has(settings, "none"));
    EXPECT_EQ(camelCase("a-b--c-"), "aBC");
}

Coffer::Entry entryOf(const char* name, const char* kind) {
    Coffer::Entry entry;
    entry.name = rpc::toPath(name);
    entry.kind = kind;
    entry.size = Coffer::unknownSize;
    entry.modified = rpc::toMoment({1'700'000'000, 0});
    entry.mode = 0644;
    return entry;
}

TEST(EntryView, aSizeNobodyKnowsIsNoZero) {
    Coffer::Entry entry = entryOf("f", "file");
    EXPECT_EQ(sizeColumn(entry), "?");
    EXPECT_TRUE(jsonOf(entry)["size"].is_null());
    entry.size = 0;
    EXPECT_EQ(sizeColumn(entry), "0 B");
    EXPECT_EQ(jsonOf(entry)["size"], 0);
    EXPECT_EQ(sizeColumn(entryOf("d", "folder")), "-");
    EXPECT_FALSE(jsonOf(entryOf("d", "folder")).contains("size"));
}

TEST(EntryView, longTextShowsWhatTheSenderSaysSafely) {
    Coffer::Entry entry = entryOf("l", "symlink");
    entry.more = rpc::toSettings({{"link-target", "/x\x1b"}, {"owner", "ann\n"}, {"gid", "5"}});
    const std::string text = longText(entry, nameText(entry, "l"));
    EXPECT_TRUE(text.starts_with("lrw-r--r--  ann\\x0a")) << text;
    EXPECT_NE(text.find("  5  "), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with("l -> /x\\x1b")) << text;
}

TEST(EntryView, strangeKindsAreShown) {
    EXPECT_TRUE(longText(entryOf("x", "registry-key"), "x").starts_with("?rw-"));
    EXPECT_EQ(jsonOf(entryOf("x", "registry-key"))["type"], "registry-key");
}

std::string listed(std::size_t count, bool json) {
    std::ostringstream out;
    const CancelToken cancel;
    Listing listing(out, {json, false}, "/d", cancel);
    for (std::size_t i = count; i-- > 0;) {
        listing.add(entryOf(std::to_string(i).c_str(), "file"));
    }
    listing.finish();
    return out.str();
}

TEST(Listings, areSortedAsLongAsTheyAreFew) {
    EXPECT_EQ(listed(3, false), "0\n1\n2\n");
    EXPECT_EQ(listed(0, false), "");
    const std::string many = listed(Listing::sortedUpTo + 1, false);
    EXPECT_TRUE(many.starts_with(std::to_string(Listing::sortedUpTo) + "\n"));
}

TEST(Listings, areArraysOfJson) {
    const Json array = Json::parse(listed(2, true));
    ASSERT_EQ(array.size(), 2U);
    EXPECT_EQ(array[0]["path"], "/d/0");
    EXPECT_EQ(Json::parse(listed(0, true)), Json::array());
    EXPECT_EQ(Json::parse(listed(Listing::sortedUpTo + 5, true)).size(), Listing::sortedUpTo + 5);
}

TEST(RunView, exitCodesTellHowARunEnded) {
    const auto code = [](const char* kind, const char* state) {
        return exitCodeOf(fake::Server::run(1, kind, state));
    };
    EXPECT_EQ(code("backup", "succeeded"), exitSuccess);
    EXPECT_EQ(code("backup", "warnings"), exitWarnings);
    EXPECT_EQ(code("backup", "failed"), exitFailed);
    EXPECT_EQ(code("backup", "cancelled"), exitCancelled);
    Coffer::RunInfo damaged = fake::Server::run(1, "verify", "failed");
    damaged.counts = rpc::toSettings({{"damaged-packs", "1"}});
    EXPECT_EQ(exitCodeOf(damaged), exitDamage);
    damaged.kind = "backup";
    EXPECT_EQ(exitCodeOf(damaged), exitFailed);
}

TEST(RunView, timesThatMakeNoSenseAreLeftOut) {
    Coffer::RunInfo run = fake::Server::run(1, "backup");
    EXPECT_EQ(secondsOf(run), 2.5);
    run.ended = rpc::toMoment({0, 0});
    EXPECT_EQ(secondsOf(run), std::nullopt);
    run.started = rpc::unknownMoment();
    EXPECT_EQ(secondsOf(run), std::nullopt);
    EXPECT_TRUE(jsonOf(run)["seconds"].is_null());
}

TEST(OctetsOf, prefersWhatIsExact) {
    const Coffer::Settings settings = rpc::toSettings({{"owner", "a\\xff"},
                                                       {"owner-hex", "61ff"},
                                                       {"group", "b"},
                                                       {"host", "c"},
                                                       {"host-hex", "no hex"}});
    EXPECT_EQ(octetsOf(settings, "owner"), "a\xff");
    EXPECT_EQ(octetsOf(settings, "group"), "b");
    EXPECT_EQ(octetsOf(settings, "host"), "c");
    EXPECT_EQ(octetsOf(settings, "none"), "");
}

}  // namespace
}  // namespace coffer::cli
