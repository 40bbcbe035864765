#include "management_server/events/event_recorder.h"

#include <gtest/gtest.h>

#include <atomic>

#include "core/base/threads.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

using std::chrono::steady_clock;

struct Events : testing::Test {
    ScratchFolder folder;
    ManualClock clock;
    ServerDatabase database{folder / "server.db"};
    EventRecorder recorder{database, clock};

    static steady_clock::time_point far() { return steady_clock::now() + std::chrono::hours(1); }
    static steady_clock::time_point now() { return steady_clock::now(); }

    std::vector<std::string> kindsSince(std::uint64_t after, std::uint32_t atMost = 1'000) {
        std::vector<std::string> kinds;
        for (const RecordedEvent& event : recorder.since(after, atMost)) {
            kinds.push_back(event.kind);
        }
        return kinds;
    }
};

TEST_F(Events, ComeBackInTheirOrder) {
    EXPECT_EQ(recorder.newest(), 0U);
    EXPECT_TRUE(recorder.since(0, 10).empty());
    recorder.add("run-ordered", "7", "a run", {{"kind", "backup"}});
    clock.advance(5);
    recorder.add("run-ended", "7", "it ended");
    const auto events = recorder.since(0, 10);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].kind, "run-ordered");
    EXPECT_EQ(events[0].subject, "7");
    EXPECT_EQ(events[0].text, "a run");
    EXPECT_EQ(events[0].more, (std::map<std::string, std::string>{{"kind", "backup"}}));
    EXPECT_EQ(events[0].time.seconds + 5, events[1].time.seconds);
    EXPECT_LT(events[0].number, events[1].number);
    EXPECT_EQ(recorder.newest(), events[1].number);
}

TEST_F(Events, ComeInPages) {
    for (int i = 0; i < 5; ++i) recorder.add("e" + std::to_string(i), "", "");
    const auto first = recorder.since(0, 2);
    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(kindsSince(first.back().number, 2), (std::vector<std::string>{"e2", "e3"}));
    EXPECT_EQ(kindsSince(recorder.newest() - 1, 2), std::vector<std::string>{"e4"});
    EXPECT_TRUE(kindsSince(recorder.newest()).empty());
    EXPECT_TRUE(kindsSince(~std::uint64_t{0}).empty());
}

TEST_F(Events, RefuseAbsurdPages) {
    for (const std::uint32_t count : {0U, 1'001U, ~0U}) {
        expectError(ErrorCode::invalidArgument, [&] { recorder.since(0, count); });
        expectError(ErrorCode::invalidArgument, [&] { recorder.waitSince(0, count, far()); });
    }
}

TEST_F(Events, GoOnCountingAfterARestart) {
    recorder.add("before", "", "");
    const std::uint64_t last = recorder.newest();
    EventRecorder again(database, clock);
    EXPECT_EQ(again.newest(), last);
    again.add("after", "", "");
    EXPECT_EQ(again.newest(), last + 1);
}

TEST_F(Events, AreMadePrintableAndCut) {
    std::map<std::string, std::string> more;
    for (int i = 0; i < 100; ++i) more["n" + std::to_string(i)] = std::string(5'000, 'x');
    recorder.add("kind", "a\nb", std::string(10'000, '\x1b'), more);
    const auto events = recorder.since(0, 1);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].subject, "a\\x0ab");
    EXPECT_EQ(events[0].text.size(), 2'000U);
    EXPECT_EQ(events[0].text.substr(0, 8), "\\x1b\\x1b");
    EXPECT_EQ(events[0].more.size(), 32U);
    EXPECT_EQ(events[0].more.begin()->second.size(), 2'000U);
}

TEST_F(Events, OfGreatLengthComeInShorterPages) {
    std::map<std::string, std::string> more;
    for (int i = 0; i < 32; ++i) more["n" + std::to_string(i)] = std::string(2'000, 'x');
    for (int i = 0; i < 100; ++i) recorder.add("long", "", "", more);
    const auto events = recorder.since(0, 1'000);
    EXPECT_LT(events.size(), 100U);
    EXPECT_GT(events.size(), 10U);
}

TEST_F(Events, AreKeptUpToALimit) {
    recorder.add("first", "", "");
    database.change([](SqlDatabase& db) {
        db.execute("UPDATE sqlite_sequence SET seq=100050 WHERE name='events'");
    });
    for (int i = 0; i < 60; ++i) recorder.add("later", "", "");
    EXPECT_EQ(kindsSince(0, 1), std::vector<std::string>{"later"});
}

TEST_F(Events, DoNotFailTheWorkTheyTellOf) {
    database.change([](SqlDatabase& db) { db.execute("DROP TABLE events"); });
    recorder.add("kind", "", "");
    EXPECT_EQ(recorder.newest(), 0U);
}

TEST_F(Events, AreWaitedFor) {
    std::vector<RecordedEvent> found;
    ThreadScope threads;
    threads.start([&] { found = recorder.waitSince(0, 10, far()); });
    recorder.add("came", "", "");
    threads.join();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].kind, "came");
}

TEST_F(Events, ThatAreThereAreNotWaitedFor) {
    recorder.add("there", "", "");
    EXPECT_EQ(recorder.waitSince(0, 10, far()).size(), 1U);
}

TEST_F(Events, ThatDoNotComeEndTheWaitAtItsTime) {
    EXPECT_TRUE(recorder.waitSince(0, 10, now()).empty());
}

TEST_F(Events, EndAllWaitsAtTheStop) {
    ThreadScope threads;
    threads.start([&] { EXPECT_TRUE(recorder.waitSince(0, 10, far()).empty()); });
    recorder.stop();
    threads.join();
    EXPECT_TRUE(recorder.waitSince(0, 10, far()).empty());
}

TEST_F(Events, LetSoManyWaitAndNoMore) {
    ThreadScope threads;
    std::atomic<int> refused = 0;
    for (int i = 0; i < 120; ++i) {
        threads.start([&] {
            const auto error = errorOf([&] { recorder.waitSince(0, 10, far()); });
            if (!error) return;
            EXPECT_EQ(error->code(), ErrorCode::limitExceeded);
            EXPECT_GT(error->retryAfter(), 0U);
            // The last one who is refused lets the others go.
            if (++refused == 20) recorder.stop();
        });
    }
    threads.join();
    EXPECT_EQ(refused, 20);
}

}  // namespace
}  // namespace coffer
