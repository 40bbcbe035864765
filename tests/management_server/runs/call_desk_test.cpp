#include "management_server/runs/call_desk.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/base/threads.h"

namespace coffer {
namespace {

using What = AgentCall::What;
using std::chrono::seconds;

struct Desk : testing::Test {
    ManualClock clock;
    CallDesk desk{clock};

    void expectNothing() { EXPECT_FALSE(desk.next()); }
    AgentCall expectNext(What what, const std::string& agent, std::int64_t run) {
        const auto call = desk.next();
        if (!call) {
            ADD_FAILURE() << "nothing to say";
            return {};
        }
        EXPECT_EQ(call->what, what);
        EXPECT_EQ(call->agent, agent);
        EXPECT_EQ(call->run, run);
        return *call;
    }
};

TEST_F(Desk, SaysNothingToWhoIsAway) {
    desk.order("a", 1);
    desk.cancel("a", 2);
    expectNothing();
    desk.arrive("a");
    expectNothing();
    desk.order("a", 1);
    desk.leave("a");
    expectNothing();
    EXPECT_FALSE(desk.isAttached("a"));
}

TEST_F(Desk, SaysOneThingAtATimeToAnAgent) {
    desk.arrive("a");
    desk.arrive("b");
    desk.order("a", 1);
    desk.order("a", 2);
    desk.order("b", 3);
    const AgentCall first = expectNext(What::order, "a", 1);
    const AgentCall other = expectNext(What::order, "b", 3);
    expectNothing();
    desk.done(first);
    desk.done(expectNext(What::order, "a", 2));
    desk.done(other);
    expectNothing();
}

TEST_F(Desk, CancelsBeforeItOrders) {
    desk.arrive("a");
    desk.order("a", 1);
    desk.cancel("a", 2);
    desk.cancel("a", 2);
    desk.done(expectNext(What::cancel, "a", 2));
    desk.done(expectNext(What::order, "a", 1));
    expectNothing();
}

TEST_F(Desk, ServesAgentsInTurn) {
    for (const char* agent : {"a", "b", "c"}) {
        desk.arrive(agent);
        desk.order(agent, 1);
        desk.order(agent, 2);
    }
    std::vector<std::string> served;
    while (const auto call = desk.next()) {
        served.push_back(call->agent);
        desk.done(*call);
    }
    EXPECT_EQ(served, (std::vector<std::string>{"a", "b", "c", "a", "b", "c"}));
}

TEST_F(Desk, WaitsUntilAnOrderIsDue) {
    desk.arrive("a");
    desk.order("a", 1, seconds(10));
    desk.order("a", 2);
    desk.done(expectNext(What::order, "a", 2));
    clock.advance(9);
    expectNothing();
    clock.advance(1);
    desk.done(expectNext(What::order, "a", 1));
}

TEST_F(Desk, ForgetsADueTimeFromAClockThatRanAhead) {
    clock.advance(100'000);
    desk.arrive("a");
    desk.order("a", 1, seconds(5));
    clock.advance(-100'000);
    expectNext(What::order, "a", 1);
}

TEST_F(Desk, PausesAfterACallThatFailed) {
    desk.arrive("a");
    desk.order("a", 1);
    desk.order("a", 2);
    AgentCall call = expectNext(What::order, "a", 1);
    desk.sending(call, 7);
    std::int64_t pause = 2;
    for (int i = 0; i < 8; ++i) {
        desk.failed(call);
        clock.advance(std::min<std::int64_t>(pause, 60) - 1);
        expectNothing();
        clock.advance(1);
        call = expectNext(What::order, "a", 1);
        EXPECT_EQ(call.repeat, 7U);
        pause *= 2;
    }
    desk.done(call);
    call = expectNext(What::order, "a", 2);
    EXPECT_EQ(call.repeat, 0U);
    desk.failed(call);
    clock.advance(2);
    expectNext(What::order, "a", 2);
}

TEST_F(Desk, SaysACancelAgainThatFailed) {
    desk.arrive("a");
    desk.cancel("a", 1);
    desk.failed(expectNext(What::cancel, "a", 1));
    clock.advance(2);
    desk.done(expectNext(What::cancel, "a", 1));
    clock.advance(100);
    expectNothing();
}

TEST_F(Desk, KeepsWhatWasEnteredDuringACall) {
    desk.arrive("a");
    desk.order("a", 1);
    const AgentCall call = expectNext(What::order, "a", 1);
    desk.sending(call, 1);
    desk.order("a", 1, seconds(4));  // interrupted already
    desk.failed(call);
    clock.advance(3);
    expectNothing();
    clock.advance(1);
    EXPECT_EQ(expectNext(What::order, "a", 1).repeat, 0U);
}

TEST_F(Desk, ForgetsACallWhenTheAgentAttachesAnew) {
    desk.arrive("a");
    desk.order("a", 1);
    const AgentCall call = expectNext(What::order, "a", 1);
    EXPECT_TRUE(desk.isVisiting("a", call.visit));
    desk.arrive("a");
    EXPECT_FALSE(desk.isVisiting("a", call.visit));
    desk.order("a", 2);
    expectNothing();  // the old call is still under way
    desk.failed(call);
    desk.done(expectNext(What::order, "a", 2));
    expectNothing();
    clock.advance(100);
    expectNothing();
}

TEST_F(Desk, ForgetsAnAgentThatLeftDuringACall) {
    desk.arrive("a");
    desk.order("a", 1);
    const AgentCall call = expectNext(What::order, "a", 1);
    desk.leave("a");
    desk.failed(call);
    clock.advance(100);
    expectNothing();
    desk.arrive("a");
    expectNothing();
}

TEST_F(Desk, WakesThoseWhoWait) {
    std::optional<AgentCall> got;
    ThreadScope threads;
    threads.start([&] { got = desk.wait(); });
    desk.arrive("a");
    desk.order("a", 1);
    threads.join();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->run, 1);
    threads.start([&] { got = desk.wait(); });
    desk.stop();
    threads.join();
    EXPECT_FALSE(got);
    expectNothing();
}

}  // namespace
}  // namespace coffer
