#include "management_server/events/event_selection.h"

#include <gtest/gtest.h>

#include "management_server/events/event_leases.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

RecordedEvent event(const char* kind, const char* subject = "",
                    std::map<std::string, std::string> more = {}) {
    return {.kind = kind, .subject = subject, .more = std::move(more)};
}

TEST(EventFilter, IsATable) {
    struct Row {
        EventFilter filter;
        RecordedEvent event;
        bool matches;
    };
    const RecordedEvent run = event("run-ended", "7", {{"agent", "laptop"}});
    const RecordedEvent source = event("source-late", "laptop", {{"component", "office/ann"}});
    const std::vector<Row> rows = {
        {{}, run, true},
        {{.kinds = {"run-ended"}}, run, true},
        {{.kinds = {"run-end"}}, run, false},
        {{.kinds = {"run-*"}}, run, true},
        {{.kinds = {"*"}}, run, true},
        {{.kinds = {"agent-*", "source-late"}}, source, true},
        {{.subjects = {"7"}}, run, true},
        {{.subjects = {"77", ""}}, run, false},
        {{.components = {"laptop"}}, run, true},
        {{.components = {"lap"}}, run, false},
        {{.components = {"office"}}, source, true},
        {{.components = {"office/ann"}}, source, true},
        {{.components = {"office/an"}}, source, false},
        {{.components = {"office/ann/x"}}, source, false},
        {{.components = {""}}, source, true},
        {{.components = {"laptop"}}, event("agent-attached", "laptop"), true},
        {{.components = {"laptop"}}, event("repository-created", "laptop"), false},
        {{.kinds = {"run-*"}, .subjects = {"8"}}, run, false},
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i].filter.matches(rows[i].event), rows[i].matches) << "row " << i;
    }
}

TEST(EventFilter, IsBounded) {
    EventFilter filter;
    filter.kinds.resize(100);
    filter.check();
    filter.kinds.emplace_back();
    expectError(ErrorCode::limitExceeded, [&] { filter.check(); });
    filter = {.components = {std::string(1'001, 'a')}};
    expectError(ErrorCode::invalidArgument, [&] { filter.check(); });
}

class EventSelection : public testing::Test {
  protected:
    SelectedEvents select(std::uint64_t after, std::uint32_t atMost = 1'000,
                          const EventFilter& filter = {}) {
        return selectEvents(events, filter, after, atMost, std::chrono::steady_clock::now());
    }

    ScratchFolder folder;
    ManualClock clock;
    ServerDatabase database{folder / "server.db"};
    EventRecorder events{database, clock};
    EventLeases leases{database, clock};
};

TEST_F(EventSelection, LooksOnWhereTheFilterLetsNothingThrough) {
    for (int i = 0; i < 30; ++i) events.add("a", "", "");
    events.add("b", "", "");
    events.add("a", "", "");
    const auto found = select(0, 5, {.kinds = {"b"}});
    ASSERT_EQ(found.events.size(), 1U);
    EXPECT_EQ(found.events[0].number, 31U);
    EXPECT_EQ(found.newest, 32U);
    const auto rest = select(found.position, 5, {.kinds = {"b"}});
    EXPECT_TRUE(rest.events.empty());
    EXPECT_EQ(rest.position, 32U);
}

TEST_F(EventSelection, GivesPagesThatFollowOneAnother) {
    for (int i = 0; i < 25; ++i) events.add(i % 2 == 0 ? "a" : "b", "", "");
    std::vector<std::uint64_t> numbers;
    for (SelectedEvents page = select(0, 4, {.kinds = {"a"}}); !page.events.empty();
         page = select(page.position, 4, {.kinds = {"a"}})) {
        EXPECT_LE(page.events.size(), 4U);
        for (const RecordedEvent& each : page.events) numbers.push_back(each.number);
    }
    EXPECT_EQ(numbers.size(), 13U);
    EXPECT_EQ(numbers.back(), 25U);
}

TEST_F(EventSelection, SaysWhenEventsAreGone) {
    for (int i = 0; i < 5; ++i) events.add("a", "", "");
    database.change([](SqlDatabase& db) { db.execute("DELETE FROM events WHERE number<=3"); });
    EventRecorder later(database, clock);
    const auto ask = [&](std::uint64_t after) {
        return selectEvents(later, {}, after, 10, std::chrono::steady_clock::now());
    };
    EXPECT_EQ(later.oldest(), 4U);
    expectError(ErrorCode::gone, [&] { ask(2); });
    EXPECT_EQ(ask(3).events.size(), 2U);
    EXPECT_EQ(ask(0).events.size(), 2U);
    EXPECT_TRUE(ask(5).events.empty());
    EXPECT_TRUE(ask(UINT64_MAX).events.empty());
}

TEST_F(EventSelection, RefusesAbsurdPages) {
    expectError(ErrorCode::invalidArgument, [&] { select(0, 0); });
    expectError(ErrorCode::invalidArgument, [&] { select(0, 1'001); });
}

TEST_F(EventSelection, LeasesKeepPlaces) {
    EXPECT_EQ(leases.begin("ann", "ticker", 1, 7, 1), 7U);
    leases.move("ann", "ticker", 9);
    leases.move("ann", "ticker", 8);  // an answer that came late
    EXPECT_EQ(leases.use("ann", "ticker"), 9U);
    // Another program of the same user, and another user.
    EXPECT_EQ(leases.begin("ann", "ticker", 1, 100, 1), 9U);
    EXPECT_EQ(leases.begin("bob", "ticker", 1, 3, 1), 3U);
    ASSERT_EQ(leases.list("ann").size(), 1U);
    EXPECT_EQ(leases.list("ann")[0].name, "ticker");
    leases.end("ann", "ticker");
    expectError(ErrorCode::gone, [&] { leases.use("ann", "ticker"); });
    expectError(ErrorCode::notFound, [&] { leases.end("ann", "ticker"); });
    EXPECT_EQ(leases.use("bob", "ticker"), 3U);
}

TEST_F(EventSelection, LeasesEndWhenNobodyUsesThem) {
    leases.begin("ann", "ticker", 1, 7, 1);
    clock.advance(3'599);
    EXPECT_EQ(leases.use("ann", "ticker"), 7U);
    clock.advance(3'599);
    EXPECT_EQ(leases.use("ann", "ticker"), 7U);
    clock.advance(3'600);
    expectError(ErrorCode::gone, [&] { leases.use("ann", "ticker"); });
    expectError(ErrorCode::gone, [&] { leases.move("ann", "ticker", 8); });
    EXPECT_TRUE(leases.list("ann").empty());
    EXPECT_EQ(leases.begin("ann", "ticker", 1, 20, 1), 20U);
}

TEST_F(EventSelection, ALeaseThatFellBehindBeginsAnew) {
    leases.begin("ann", "ticker", 1, 7, 1);
    EXPECT_EQ(leases.begin("ann", "ticker", 1, 50, 8), 7U);
    EXPECT_EQ(leases.begin("ann", "ticker", 1, 50, 9), 50U);
}

TEST_F(EventSelection, LeasesAreBounded) {
    expectError(ErrorCode::invalidArgument, [&] { leases.begin("ann", "", 1, 0, 1); });
    expectError(ErrorCode::invalidArgument, [&] { leases.begin("ann", "a b", 1, 0, 1); });
    expectError(ErrorCode::invalidArgument,
                [&] { leases.begin("ann", std::string(65, 'a'), 1, 0, 1); });
    expectError(ErrorCode::invalidArgument, [&] { leases.begin("ann", "a", 0, 0, 1); });
    expectError(ErrorCode::invalidArgument, [&] { leases.begin("ann", "a", 721, 0, 1); });
    for (std::size_t i = 0; i < EventLeases::mostOfUser; ++i) {
        leases.begin("ann", "lease" + std::to_string(i), 1, 0, 1);
    }
    expectError(ErrorCode::limitExceeded, [&] { leases.begin("ann", "more", 1, 0, 1); });
    leases.begin("bob", "more", 1, 0, 1);
    clock.advance(3'600);
    leases.begin("ann", "more", 1, 0, 1);
}

TEST_F(EventSelection, EventsThatALeaseNeedsAreKept) {
    // Numbers as if 150,000 events had been: the newest 100,000 alone would be kept.
    events.add("old", "", "");
    database.change([](SqlDatabase& db) {
        db.execute("UPDATE events SET number=40000");
        db.execute("UPDATE sqlite_sequence SET seq=149999 WHERE name='events'");
    });
    leases.begin("ann", "ticker", 1, 39'999, 1);
    EventRecorder later(database, clock);
    later.add("new", "", "");  // number 150,000: looks at what to drop
    EXPECT_EQ(later.oldest(), 40'000U);
    clock.advance(3'600);
    database.change([](SqlDatabase& db) {
        db.execute("UPDATE sqlite_sequence SET seq=150099 WHERE name='events'");
    });
    later.add("newer", "", "");
    EXPECT_EQ(later.oldest(), 150'000U);
}

TEST_F(EventSelection, NoLeaseKeepsMoreThan300000) {
    events.add("old", "", "");
    leases.begin("ann", "ticker", 1, 0, 1);
    database.change([](SqlDatabase& db) {
        db.execute("UPDATE sqlite_sequence SET seq=399999 WHERE name='events'");
    });
    EventRecorder later(database, clock);
    later.add("new", "", "");
    EXPECT_EQ(later.oldest(), 400'000U);
}

}  // namespace
}  // namespace coffer
