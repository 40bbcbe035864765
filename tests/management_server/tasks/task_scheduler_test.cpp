#include "management_server/tasks/task_scheduler.h"

#include "tests/management_server/tasks/tasks_fixture.h"

namespace coffer {
namespace {

struct TaskSchedulerTest : TasksFixture {
    TaskSchedulerTest() {
        setClock("2026-11-26 12:00");
        attach("laptop");
    }
};

TEST_F(TaskSchedulerTest, StartsWhatIsDueOnce) {
    put("office", {{"schedule", {"daily at 21:30"}}, {"zone", {"UTC"}}});
    EXPECT_EQ(toIso8601(*scheduler->round()), "2026-11-26T21:30:00Z");
    EXPECT_TRUE(runsOf("office").empty());
    setClock("2026-11-26 21:30");
    EXPECT_EQ(toIso8601(*scheduler->round()), "2026-11-27T21:30:00Z");
    ASSERT_EQ(runsOf("office").size(), 1U);
    const RunRecord run = runsOf("office").front();
    EXPECT_EQ(run.kind, run_kind::backup);
    EXPECT_EQ(run.agent, "laptop");
    EXPECT_EQ(run.user, "ann");
    carryOut(run.number, "succeeded");
    scheduler->round();
    restart();
    attach("laptop");
    scheduler->round();
    EXPECT_EQ(runsOf("office").size(), 1U);
    EXPECT_EQ(told("office"), (Texts{"task-changed", "task-started"}));
}

TEST_F(TaskSchedulerTest, GoesByTheClocksOfItsAgents) {
    zones = {{"laptop", "Europe/Berlin"}, {"desktop", "America/New_York"}};
    attach("desktop");
    put("office", {{"source", {"laptop:/home", "desktop:/home"}},
                   {"schedule", {"daily at 21:30"}},
                   {"zone", {"agent"}}});
    EXPECT_EQ(toIso8601(*scheduler->round()), "2026-11-26T20:30:00Z");
    setClock("2026-11-26 20:30");
    EXPECT_EQ(toIso8601(*scheduler->round()), "2026-11-27T02:30:00Z");
    ASSERT_EQ(runsOf("office").size(), 1U);
    EXPECT_EQ(runsOf("office").front().agent, "laptop");
    carryOut(runsOf("office").front().number, "succeeded");
    setClock("2026-11-27 02:30");
    EXPECT_EQ(toIso8601(*scheduler->round()), "2026-11-27T20:30:00Z");
    ASSERT_EQ(runsOf("office").size(), 2U);
    scheduler->round();
    EXPECT_EQ(runsOf("office").size(), 2U);
    // Both were due while the server was away for days: told once for each.
    setClock("2026-11-30 12:00");
    scheduler->round();
    EXPECT_EQ(std::ranges::count(told("office"), "task-missed"), 2);
    EXPECT_EQ(runsOf("office").size(), 2U);
}

TEST_F(TaskSchedulerTest, AgentsThatAreDueTogetherAreOneStart) {
    zones = {{"laptop", "Europe/Berlin"}, {"desktop", "Europe/Berlin"}};
    attach("desktop");
    put("office", {{"source", {"laptop:/home", "desktop:/home"}},
                   {"schedule", {"daily at 21:30"}},
                   {"zone", {"agent"}},
                   {"retry-count", {"1"}},
                   {"retry-pause", {"10m"}}});
    put("check", {{"kind", {"verify"}}, {"after", {"office"}}});
    setClock("2026-11-26 20:30");
    scheduler->round();
    const auto both = runsOf("office");
    ASSERT_EQ(both.size(), 2U);
    EXPECT_EQ(tasks->get("office").record.stand.runs,
              (std::vector{both[0].number, both[1].number}));
    EXPECT_EQ(std::ranges::count(told("office"), "task-started"), 1);
    carryOut(both[0].number, "failed");
    carryOut(both[1].number, "succeeded");
    scheduler->round();
    EXPECT_TRUE(runsOf("check").empty()) << "one of them failed";
    clock.advance(600);
    scheduler->round();
    ASSERT_EQ(runsOf("office").size(), 3U);
    EXPECT_EQ(runsOf("office").back().agent, "desktop");
    carryOut(runsOf("office").back().number, "failed");
    scheduler->round();
    EXPECT_EQ(std::ranges::count(told("office"), "task-failed-for-good"), 1);
    EXPECT_TRUE(runsOf("check").empty());
}

TEST_F(TaskSchedulerTest, AgentsThatAttachTogetherAreOneStart) {
    put("office", {{"source", {"laptop:/home", "desktop:/home"}}, {"on-attach", {"12h"}}});
    arrive("desktop");
    arrive("laptop");
    scheduler->round();
    ASSERT_EQ(runsOf("office").size(), 2U);
    EXPECT_EQ(tasks->get("office").record.stand.runs.size(), 2U);
}

TEST_F(TaskSchedulerTest, AServerThatWasOffCatchesUpOnceWithinItsTime) {
    put("office", {{"schedule", {"every 1 hours"}}, {"zone", {"UTC"}}, {"catch-up", {"40m"}}});
    setClock("2026-11-26 18:30");
    restart();
    attach("laptop");
    scheduler->round();
    EXPECT_EQ(runsOf("office").size(), 1U);
    carryOut(runsOf("office").front().number, "failed");
    scheduler->round();
    EXPECT_EQ(runsOf("office").size(), 1U);
    setClock("2026-11-26 22:45");
    restart();
    scheduler->round();
    EXPECT_EQ(runsOf("office").size(), 1U);
    EXPECT_EQ(told("office").back(), "task-missed");
    scheduler->round();
    EXPECT_EQ(std::ranges::count(told("office"), "task-missed"), 1);
}

TEST_F(TaskSchedulerTest, AClockThatIsSetBackStartsNothingTwice) {
    put("office", {{"schedule", {"every 1 hours"}}, {"zone", {"UTC"}}});
    setClock("2026-11-26 13:00");
    scheduler->round();
    carryOut(runsOf("office").front().number, "succeeded");
    setClock("2026-11-26 12:30");
    scheduler->round();
    setClock("2026-11-26 13:00");
    scheduler->round();
    EXPECT_EQ(runsOf("office").size(), 1U);
    setClock("2026-11-26 14:00");
    scheduler->round();
    EXPECT_EQ(runsOf("office").size(), 2U);
}

TEST_F(TaskSchedulerTest, OneRunForEachAgent) {
    put("office", {{"source", {"laptop:/home", "desktop:/home", "laptop:/etc"}}});
    const auto numbers = starter->startNow(tasks->get("office"), "bob");
    ASSERT_EQ(numbers.size(), 2U);
    const auto all = runsOf("office");
    EXPECT_EQ(all[0].agent, "desktop");
    EXPECT_EQ(all[0].stand.state, RunState::parked);
    EXPECT_EQ(all[1].what, (Texts{"/etc", "/home"}));
    EXPECT_EQ(all[1].user, "bob");
    EXPECT_EQ(tasks->get("office").record.stand.runs, numbers);
}

TEST_F(TaskSchedulerTest, WhatIsAtWorkIsNotStartedAgain) {
    put("office", {{"source", {"laptop:/home", "desktop:/home"}}});
    starter->startNow(tasks->get("office"), "bob");
    carryOut(runsOf("office").back().number, "succeeded");
    const auto numbers = starter->startNow(tasks->get("office"), "bob");
    ASSERT_EQ(numbers.size(), 1U) << "the desktop's waits still";
    EXPECT_EQ(runs->get(numbers.front()).agent, "laptop");
    expectError(
        ErrorCode::conflict, [&] { starter->startNow(tasks->get("office"), "bob"); },
        "its last run has not ended yet");
    EXPECT_EQ(told("office").back(), "task-not-started");
}

TEST_F(TaskSchedulerTest, StartsAtAnAttachAndNotAgainWithinItsPause) {
    put("office", {{"source", {"laptop:/home", "desktop:/home"}}, {"on-attach", {"12h"}}});
    scheduler->round();
    EXPECT_TRUE(runsOf("office").empty());
    arrive("desktop");
    scheduler->round();
    ASSERT_EQ(runsOf("office").size(), 1U);
    EXPECT_EQ(runsOf("office").front().agent, "desktop");
    carryOut(runsOf("office").front().number, "succeeded");
    clock.advance(3'600);
    arrive("desktop");
    scheduler->round();
    EXPECT_EQ(runsOf("office").size(), 1U);
    arrive("laptop");  // which has a pause of its own
    scheduler->round();
    ASSERT_EQ(runsOf("office").size(), 2U);
    EXPECT_EQ(runsOf("office").back().agent, "laptop");
    clock.advance(11 * 3'600);
    arrive("desktop");
    scheduler->round();
    EXPECT_EQ(runsOf("office").size(), 3U);
}

TEST_F(TaskSchedulerTest, FollowsATaskThatWentWellAtAllAgents) {
    arrive("desktop");
    put("office", {{"source", {"laptop:/home", "desktop:/home"}}});
    put("check", {{"kind", {"verify"}}, {"after", {"office"}}});
    const auto numbers = starter->startNow(tasks->get("office"), "ann");
    carryOut(numbers.at(1), "succeeded");  // the laptop's
    scheduler->round();
    EXPECT_TRUE(runsOf("check").empty());
    carryOut(numbers.at(0), "failed");
    scheduler->round();
    EXPECT_TRUE(runsOf("check").empty()) << "one of them failed";
    put("office", {{"source", {"laptop:/home"}}});
    carryOut(starter->startNow(tasks->get("office"), "ann").at(0), "warnings");
    restart();  // it ended before it was looked at
    scheduler->round();
    scheduler->round();
    EXPECT_EQ(runsOf("check").size(), 1U);
}

TEST_F(TaskSchedulerTest, FollowsWhatHasCommittedUnlessItIsToBeProven) {
    repositories.setPacks(PackState::received);
    put("office", {});
    put("soon", {{"kind", {"prune"}}, {"after", {"office"}}});
    put("late", {{"kind", {"prune"}}, {"after", {"office"}}, {"after-when", {"proven"}}});
    carryOut(starter->startNow(tasks->get("office"), "ann").at(0), "succeeded");
    EXPECT_EQ(state(runsOf("office").at(0).number), "verifying");
    scheduler->round();
    restart();
    attach("laptop");
    scheduler->round();
    EXPECT_EQ(runsOf("soon").size(), 1U);
    EXPECT_EQ(runsOf("late").size(), 0U);
    EXPECT_FALSE(tasks->get("office").record.stand.settled);
    repositories.setPacks(PackState::verified);
    runs->work();
    scheduler->round();
    scheduler->round();
    EXPECT_EQ(runsOf("soon").size(), 1U);
    EXPECT_EQ(runsOf("late").size(), 1U);
    EXPECT_TRUE(tasks->get("office").record.stand.settled);
}

TEST_F(TaskSchedulerTest, FollowsNothingThatNobodyHasVerified) {
    repositories.setPacks(PackState::received);
    put("office", {});
    put("late", {{"kind", {"prune"}}, {"after", {"office"}}, {"after-when", {"proven"}}});
    const std::int64_t run = starter->startNow(tasks->get("office"), "ann").at(0);
    carryOut(run, "succeeded");
    scheduler->round();
    runs->cancel(run);
    scheduler->round();
    scheduler->round();
    EXPECT_EQ(runsOf("late").size(), 0U);
    EXPECT_EQ(told("late"), (Texts{"task-changed", "task-not-started"}));
}

TEST_F(TaskSchedulerTest, WhatIsBeingVerifiedKeepsNoTaskFromStarting) {
    repositories.setPacks(PackState::received);
    put("office", {});
    for (int i = 0; i < 2; ++i) {
        carryOut(starter->startNow(tasks->get("office"), "ann").at(0), "succeeded");
    }
    EXPECT_EQ(runsOf("office").size(), 2U);
}

TEST_F(TaskSchedulerTest, TriesAgainWhenWhatItStoredIsDamaged) {
    repositories.setPacks(PackState::received);
    put("office", {{"retry-count", {"1"}}});
    put("check", {{"kind", {"prune"}}, {"after", {"office"}}});
    carryOut(starter->startNow(tasks->get("office"), "ann").at(0), "succeeded");
    scheduler->round();
    repositories.damagePacks();
    runs->work();
    EXPECT_EQ(state(runsOf("office").at(0).number), "failed");
    clock.advance(600);
    scheduler->round();
    EXPECT_EQ(runsOf("office").size(), 2U);
}

/// A follower for whose run there is no room.
struct TaskFollowerTest : TaskSchedulerTest {
    TaskFollowerTest() {
        settings.limits.activeOfAgent = 1;
        restart();
        attach("laptop");
        waiting = runs->add(runs->starter().ofRepository(run_kind::prune, "ann", "main", {}));
        runs->pause(waiting, "");
        put("office", {});
        put("check", {{"kind", {"prune"}}, {"after", {"office"}}});
        carryOut(starter->startNow(tasks->get("office"), "ann").at(0), "succeeded");
        scheduler->round();
    }

    std::int64_t waiting = 0;
};

TEST_F(TaskFollowerTest, IsStartedWhenThereIsRoom) {
    EXPECT_EQ(runsOf("check").size(), 0U);
    restart();
    attach("laptop");
    scheduler->round();
    EXPECT_EQ(told("check"), (Texts{"task-changed", "task-waits"})) << "once";
    EXPECT_EQ(tasks->get("check").record.stand.owed, clock.now());
    EXPECT_TRUE(tasks->get("office").record.stand.settled);
    runs->cancel(waiting);
    scheduler->round();
    scheduler->round();
    EXPECT_EQ(runsOf("check").size(), 1U);
    EXPECT_FALSE(tasks->get("check").record.stand.owed);
    EXPECT_EQ(told("check"), (Texts{"task-changed", "task-waits", "task-started"}));
}

TEST_F(TaskFollowerTest, IsGivenUpAfterADay) {
    clock.advance(longestOwed - 1);
    scheduler->round();
    EXPECT_TRUE(tasks->get("check").record.stand.owed);
    clock.advance(1);
    scheduler->round();
    EXPECT_FALSE(tasks->get("check").record.stand.owed);
    runs->cancel(waiting);
    scheduler->round();
    EXPECT_EQ(runsOf("check").size(), 0U);
    EXPECT_EQ(told("check"), (Texts{"task-changed", "task-waits", "task-not-started"}));
}

TEST_F(TaskFollowerTest, IsNotStartedOnceMoreByWhatStandsForIt) {
    runs->cancel(waiting);
    starter->startNow(tasks->get("check"), "ann");
    scheduler->round();
    EXPECT_EQ(runsOf("check").size(), 1U);
    EXPECT_EQ(told("check"), (Texts{"task-changed", "task-waits", "task-started"}));
}

// Between a look at the agent and the transaction.
TEST_F(TaskSchedulerTest, NoRunIsEnteredForANameThatNobodyHas) {
    requireAgent = [](SqlDatabase&, const std::string& agent) {
        throw Error(ErrorCode::notFound, "no agent is called " + agent);
    };
    restart();
    put("office", {});
    expectError(ErrorCode::notFound, [&] { starter->startNow(tasks->get("office"), "ann"); });
    EXPECT_TRUE(runsOf("office").empty());
    expectError(ErrorCode::notFound, [&] { backup(); });
}

TEST_F(TaskSchedulerTest, DisabledOnesStartByHandAlone) {
    put("office", {{"schedule", {"every 1 hours"}}, {"on-attach", {"yes"}}, {"enabled", {"no"}}});
    setClock("2026-11-26 13:00");
    arrive("laptop");
    EXPECT_FALSE(scheduler->round());
    EXPECT_TRUE(runsOf("office").empty());
    tasks->enable("ann", "office", true);
    scheduler->round();
    EXPECT_TRUE(runsOf("office").empty()) << "what it would have been due at before is no miss";
    tasks->enable("ann", "office", false);
    EXPECT_EQ(starter->startNow(tasks->get("office"), "ann").size(), 1U);
}

TEST_F(TaskSchedulerTest, WhatCannotBeStartedIsToldAndKeepsNoOtherFromIt) {
    put("a", {{"schedule", {"every 1 hours"}},
              {"zone", {"UTC"}},
              {"source", {"desktop:/home", "laptop:/home"}}});
    put("b", {{"schedule", {"every 1 hours"}}, {"zone", {"UTC"}}});
    agents.revoke("desktop");
    setClock("2026-11-26 13:00");
    scheduler->round();
    EXPECT_EQ(runsOf("a").size(), 1U);
    EXPECT_EQ(runsOf("b").size(), 1U);
    EXPECT_EQ(told("a"), (Texts{"task-changed", "task-not-started", "task-started"}));
}

TEST_F(TaskSchedulerTest, EveryKindBecomesARun) {
    put("r", {{"kind", {"restore"}}, {"target", {"laptop:/tmp/x"}}, {"path", {"/home/a.txt"}}});
    put("v", {{"kind", {"verify"}}, {"depth", {"structure"}}});
    put("p", {{"kind", {"prune"}}, {"repack-at", {"50"}}});
    put("h", {{"kind", {"rehearsal"}}, {"sample", {"10"}}});
    for (const char* name : {"r", "v", "p", "h"}) {
        ASSERT_EQ(starter->startNow(tasks->get(name), "ann").size(), 1U) << name;
        EXPECT_EQ(runsOf(name).front().kind, tasks->get(name).task->kind());
    }
    EXPECT_EQ(runsOf("r").front().target, "/tmp/x");
    EXPECT_EQ(runsOf("r").front().snapshot, repositories.snapshot);
    EXPECT_EQ(runsOf("p").front().options, (RunTexts{{"repack-at", "50"}}));
}

TEST_F(TaskSchedulerTest, ItsThreadWakesForNewsAndEnds) {
    put("office", {{"on-attach", {"yes"}}});
    runs->start();
    scheduler->start();
    arrive("laptop");
    agents.await({"laptop", "start 1/1"});
    events->stop();
    scheduler->stop();
    runs->stop();
}

}  // namespace
}  // namespace coffer
