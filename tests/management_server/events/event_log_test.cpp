#include "management_server/events/event_log.h"

#include <gtest/gtest.h>

#include "core/base/threads.h"
#include "core/rpc/failure.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

struct EventLogTest : testing::Test {
    ScratchFolder folder;
    ManualClock clock;
    ServerDatabase database{folder / "server.db"};
    EventRecorder recorder{database, clock};
    Bytes calledId;
    std::function<void()> whenAsked;
    int asked = 0;
    SessionTable sessions{clock,
                          {[this] { return calledId; },
                           [this]() -> std::optional<std::string> {
                               if (whenAsked) whenAsked();
                               return "ann";
                           },
                           everyRole}};
    UserSession session = sessions.begin("ann");
    EventLeases leases{database, clock};
    EventLog log{sessions, recorder, leases};

    EventLogTest() { calledId = toBytes(session.id.view()); }

    template <class Work>
    void expectFailed(ErrorCode code, Work&& work) {
        expectError(code, [&] { rpc::call("test", work); });
    }
};

TEST_F(EventLogTest, GivesEvents) {
    recorder.add("run-ended", "7", "it ended", {{"outcome", "failed"}});
    Coffer::Events_var events = log.since(0, 10, 20'000);
    ASSERT_EQ(events->length(), 1U);
    EXPECT_EQ(events[0].number, recorder.newest());
    EXPECT_EQ(events[0].time.seconds, clock.now().seconds);
    EXPECT_STREQ(events[0].kind, "run-ended");
    EXPECT_STREQ(events[0].subject, "7");
    EXPECT_STREQ(events[0].text, "it ended");
    ASSERT_EQ(events[0].more.length(), 1U);
    EXPECT_STREQ(events[0].more[0].value, "failed");
    events = log.since(recorder.newest(), 10, 0);
    EXPECT_EQ(events->length(), 0U);
}

TEST_F(EventLogTest, RefusesAbsurdQuestions) {
    expectFailed(ErrorCode::invalidArgument, [&] { log.since(0, 0, 0); });
    expectFailed(ErrorCode::invalidArgument, [&] { log.since(0, 1'001, 0); });
    expectFailed(ErrorCode::invalidArgument, [&] { log.since(0, 0, 5); });
    expectFailed(ErrorCode::invalidArgument, [&] { log.since(0, 1, 20'001); });
}

TEST_F(EventLogTest, IsForUsersAlone) {
    calledId = Bytes(16);
    expectFailed(ErrorCode::loginAgain, [&] { log.since(0, 1, 0); });
}

TEST_F(EventLogTest, EndsItsWaitAtTheStop) {
    ThreadScope threads;
    threads.start([&] {
        const Coffer::Events_var events = log.since(0, 10, 20'000);
        EXPECT_EQ(events.in().length(), 0U);
    });
    recorder.stop();
    threads.join();
}

TEST_F(EventLogTest, TellsNothingToASessionThatEndedMeanwhile) {
    recorder.add("secret", "", "");
    // The first time is before the wait.
    whenAsked = [this] {
        if (++asked == 2) sessions.end(session.id);
    };
    expectFailed(ErrorCode::loginAgain, [&] { log.since(0, 10, 20'000); });
}

}  // namespace
}  // namespace coffer
