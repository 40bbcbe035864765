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

    // All that has been ordered for the task and not ended ends so.
    void endAll(const char* outcome) {
        for (const RunRecord& run : runsOf("office")) {
            if (!hasEnded(run.stand.state)) carryOut(run.number, outcome);
        }
    }
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

TEST_F(TaskLimitsTest, TriesAgainAfterThePauseWhereItFailed) {
    agents.know("desktop", agents.identity("laptop"));  // so that the snapshot is its own, too
    arrive("desktop");
    put("office", {{"source", {"laptop:/home", "desktop:/home"}}, {"retry-count", {"2"}}});
    put("check", {{"kind", {"verify"}}, {"after", {"office"}}});
    const auto first = starter->startNow(tasks->get("office"), "bob");
    carryOut(first.at(0), "failed");  // the desktop's
    scheduler->round();
    clock.advance(hour);
    scheduler->round();
    EXPECT_EQ(runsOf("office").size(), 2U) << "the laptop's has not ended";
    carryOut(first.at(1), "succeeded");
    EXPECT_EQ(toIso8601(*scheduler->round()), "2026-11-26T13:10:00Z");
    clock.advance(599);
    scheduler->round();
    EXPECT_EQ(runsOf("office").size(), 2U);
    clock.advance(1);
    scheduler->round();
    scheduler->round();
    ASSERT_EQ(runsOf("office").size(), 3U);
    const RunRecord again = runsOf("office").back();
    EXPECT_EQ(again.agent, "desktop");
    EXPECT_TRUE(runsOf("check").empty());
    carryOut(again.number, "warnings");
    scheduler->round();
    scheduler->round();
    EXPECT_EQ(runsOf("check").size(), 1U) << "it went well in the end";
    clock.advance(hour);
    scheduler->round();
    EXPECT_EQ(runsOf("office").size(), 3U);
    EXPECT_EQ(count("task-failed-for-good"), 0);
}

TEST_F(TaskLimitsTest, CountsOnAfterARestartAndGivesUp) {
    put("office", {{"retry-count", {"2"}}, {"retry-pause", {"1h"}}});
    put("check", {{"kind", {"verify"}}, {"after", {"office"}}});
    startNow("office");
    for (std::size_t runsMade = 1; runsMade <= 3; ++runsMade) {
        EXPECT_EQ(runsOf("office").size(), runsMade);
        EXPECT_EQ(count("task-failed-for-good"), 0);
        endAll("failed");
        clock.advance(hour);
        restart();
        attach("laptop");
        scheduler->round();
    }
    EXPECT_EQ(runsOf("office").size(), 3U);
    EXPECT_EQ(count("task-failed-for-good"), 1);
    restart();
    clock.advance(hour);
    scheduler->round();
    EXPECT_EQ(count("task-failed-for-good"), 1);
    EXPECT_EQ(runsOf("office").size(), 3U);
    EXPECT_TRUE(runsOf("check").empty());
}

TEST_F(TaskLimitsTest, AStartOfAnotherCauseCountsAnew) {
    put("office", {{"retry-count", {"1"}}, {"schedule", {"daily at 13:00"}}, {"zone", {"UTC"}}});
    startNow("office");
    endAll("failed");
    clock.advance(600);
    scheduler->round();
    endAll("failed");
    EXPECT_EQ(tasks->get("office").record.stand.retries, 1);
    setClock("2026-11-26 13:00");
    scheduler->round();
    EXPECT_EQ(runsOf("office").size(), 3U);
    EXPECT_EQ(tasks->get("office").record.stand.retries, 0);
    endAll("failed");
    clock.advance(600);
    scheduler->round();
    EXPECT_EQ(runsOf("office").size(), 4U) << "a retry of the new start";
    EXPECT_EQ(count("task-failed-for-good"), 0);
}

TEST_F(TaskLimitsTest, ADueTimeTakesThePlaceOfARetry) {
    put("office", {{"retry-count", {"5"}}, {"schedule", {"daily at 12:10"}}, {"zone", {"UTC"}}});
    startNow("office");
    endAll("failed");
    clock.advance(600);
    scheduler->round();
    EXPECT_EQ(runsOf("office").size(), 2U);
    EXPECT_EQ(count("task-not-started"), 0);
    EXPECT_EQ(tasks->get("office").record.stand.retries, 0);
}

TEST_F(TaskLimitsTest, WhatWasStoppedIsNotTriedAgainAndNothingFollows) {
    arrive("desktop");
    put("office", {{"source", {"laptop:/home", "desktop:/home"}}, {"retry-count", {"3"}}});
    put("check", {{"kind", {"verify"}}, {"after", {"office"}}});
    const auto first = starter->startNow(tasks->get("office"), "ann");
    carryOut(first.at(0), "cancelled");
    carryOut(first.at(1), "failed");  // the laptop's
    clock.advance(600);
    scheduler->round();
    ASSERT_EQ(runsOf("office").size(), 3U);
    EXPECT_EQ(runsOf("office").back().agent, "laptop");
    endAll("succeeded");
    scheduler->round();
    EXPECT_TRUE(runsOf("check").empty()) << "the desktop's was stopped";
    EXPECT_TRUE(tasks->get("office").record.stand.settled);
}

TEST_F(TaskLimitsTest, ARetryThatCannotStartCounts) {
    put("office", {{"retry-count", {"2"}}});
    startNow("office");
    endAll("failed");
    agents.revoke("laptop");
    for (int i = 0; i < 3; ++i) {
        clock.advance(600);
        scheduler->round();
        scheduler->round();
    }
    EXPECT_EQ(runsOf("office").size(), 1U);
    EXPECT_EQ(count("task-not-started"), 2);
    EXPECT_EQ(count("task-failed-for-good"), 1);
}

TEST_F(TaskLimitsTest, ARetryAfterAStartByHandIsRefused) {
    put("office", {{"retry-count", {"2"}}});
    const std::int64_t failed = startNow("office");
    endAll("failed");
    const KnownTask seen = tasks->get("office");
    const std::int64_t newer = startNow("office");
    expectError(ErrorCode::conflict, [&] {
        starter->start(
            seen,
            {.user = "ann", .reason = "it failed", .retry = TaskRetry{1, {{"laptop", failed}}}});
    });
    EXPECT_EQ(tasks->get("office").record.stand.runs, std::vector{newer});
    EXPECT_EQ(tasks->get("office").record.stand.retries, 0);
}

TEST_F(TaskLimitsTest, WhatIsPlannedForARunOfTheServer) {
    put("office", {{"kind", {"verify"}}, {"retry-count", {"1"}}});
    const auto planFor = [&](const char* state, std::int64_t secondsAfter) {
        RunRecord run;
        run.stand.state = runStateOf(state);
        run.ended = clock.now();
        std::vector<KnownTask> all = tasks->list();
        all.front().record.stand = {
            .done = {}, .started = clock.now(), .runs = {7}, .settled = false, .retries = 0};
        Timestamp now = clock.now();
        now.seconds += secondsAfter;
        const TaskPlan plan =
            planTasks(all, {.find = [&](std::int64_t) { return run; }, .now = now});
        return std::pair(plan.starts.size(), plan.settled.size());
    };
    using Sizes = std::pair<std::size_t, std::size_t>;
    EXPECT_EQ(planFor("failed", 600), Sizes(1, 0));
    EXPECT_EQ(planFor("failed", 599), Sizes(0, 0));
    EXPECT_EQ(planFor("failed", -1), Sizes(1, 0)) << "the clock was wrong when it ended";
    EXPECT_EQ(planFor("cancelled", 600), Sizes(0, 1));
    EXPECT_EQ(planFor("running", 600), Sizes(0, 0));
    tasks->enable("ann", "office", false);
    EXPECT_EQ(planFor("failed", 600), Sizes(0, 1));
}

}  // namespace
}  // namespace coffer
