#include "tests/management_server/tasks/tasks_fixture.h"

namespace coffer {
namespace {

struct TaskLimitsTest : TasksFixture {
    TaskLimitsTest() {
        setClock("2026-11-26 12:00");
        attach("laptop");
    }

    std::int64_t startNow(const char* task) {
        return starter->startNow(tasks->get(task), "ann").front();
    }
    RunState stateOf(std::int64_t run) { return runs->get(run).stand.state; }
    std::int64_t count(const char* kind) { return std::ranges::count(told("office"), kind); }
};

constexpr std::int64_t hour = 3'600;

TEST_F(TaskLimitsTest, ARunIsStoppedOnceAtItsTimeLimit) {
    put("office", {{"time-limit", {"6h"}}});
    const std::int64_t run = startNow("office");
    clock.advance(hour);
    runs->work();  // it begins an hour after its order
    agents.heard();
    EXPECT_EQ(toIso8601(*scheduler->round()), "2026-11-26T19:00:00Z");
    clock.advance(6 * hour - 1);
    scheduler->round();
    EXPECT_FALSE(runs->get(run).stand.cancelling);
    clock.advance(1);
    scheduler->round();
    EXPECT_TRUE(runs->get(run).stand.cancelling);
    clock.advance(hour);
    EXPECT_FALSE(scheduler->round());
    EXPECT_EQ(count("task-time-limit"), 1);
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"cancel " + std::to_string(run)});
    finish(run, attempt(run), "cancelled", "laptop");
    EXPECT_EQ(stateOf(run), RunState::cancelled);
    EXPECT_EQ(runs->get(run).message, "it took longer than its time limit of 6h");
}

TEST_F(TaskLimitsTest, AnAgentAwayAndARestartOfTheServerCountToo) {
    put("office", {{"time-limit", {"6h"}}});
    put("other", {{"source", {"laptop:/etc"}}});
    const std::int64_t run = startNow("office");
    const std::int64_t unlimited = startNow("other");
    runs->work();
    clock.advance(5 * hour);
    restart();
    EXPECT_EQ(toIso8601(*scheduler->round()), "2026-11-26T18:00:00Z");
    clock.advance(hour);
    scheduler->round();
    EXPECT_EQ(stateOf(run), RunState::cancelled);
    EXPECT_EQ(runs->get(run).message, "it took longer than its time limit of 6h");
    EXPECT_EQ(stateOf(unlimited), RunState::parked);
    restart();
    scheduler->round();
    EXPECT_EQ(count("task-time-limit"), 1);
}

TEST_F(TaskLimitsTest, WhatHasNotBegunHasNoTimeLimit) {
    put("office", {{"source", {"desktop:/home"}}, {"time-limit", {"6h"}}});
    const std::int64_t run = startNow("office");
    clock.advance(100 * hour);
    scheduler->round();
    EXPECT_EQ(stateOf(run), RunState::parked);
}

TEST_F(TaskLimitsTest, WhatAUserStopsIsNotSaidToBeStoppedByTheLimit) {
    put("office", {{"time-limit", {"6h"}}});
    const std::int64_t run = startNow("office");
    runs->work();
    runs->cancel(run);
    clock.advance(7 * hour);
    scheduler->round();
    EXPECT_EQ(count("task-time-limit"), 0);
}

}  // namespace
}  // namespace coffer
