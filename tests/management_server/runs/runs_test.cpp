#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/threads.h"
#include "tests/management_server/runs/runs_fixture.h"

namespace coffer {
namespace {

struct RunsTest : RunsFixture {};

TEST_F(RunsTest, FailWhenTheAgentRefuses) {
    attach("laptop");
    agents.answer([](const FakeAgents::Said&) {
        throw Error(ErrorCode::permissionDenied, "agent.ini does not allow it");
    });
    const std::int64_t run = backup();
    runs->work();
    EXPECT_EQ(state(run), "failed");
    EXPECT_EQ(message(run), "agent.ini does not allow it");
    EXPECT_EQ(told(run), (Texts{"run-ordered", "run-ended"}));
}

TEST_F(RunsTest, FailWhenTheRepositoryHasGone) {
    attach("laptop");
    const std::int64_t run = backup();
    repositories.opening = [](const std::string& name) {
        throw Error(ErrorCode::notFound, "there is no repository '" + name + "'");
    };
    runs->work();
    EXPECT_EQ(state(run), "failed");
    EXPECT_EQ(agents.heard(), Texts{});
}

TEST_F(RunsTest, RepeatAnOrderWhoseAnswerWasLost) {
    attach("laptop");
    bool silent = true;
    agents.answer([&](const FakeAgents::Said&) {
        if (silent) throw Error(ErrorCode::unavailable, "does not answer");
    });
    const std::int64_t run = backup();
    runs->work();
    EXPECT_EQ(state(run), "queued");
    EXPECT_EQ(message(run), "does not answer");
    clock.advance(2);
    runs->work();
    silent = false;
    clock.advance(4);
    runs->work();
    // The same attempt: an agent that has it already changes nothing.
    EXPECT_EQ(agents.heard(), (Texts{"start 1/1", "start 1/1", "start 1/1"}));
    EXPECT_EQ(state(run), "running");
    EXPECT_EQ(message(run), "");
}

TEST_F(RunsTest, TakeUpAnOrderWhoseAnswerWasLost) {
    attach("laptop");
    agents.answer([](const FakeAgents::Said&) { throw Error(ErrorCode::unavailable, "cut"); });
    const std::int64_t run = backup();
    runs->work();
    agents.answer({});
    attach("laptop", {news(run, 1)});
    EXPECT_EQ(state(run), "running");
    clock.advance(100);
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"start 1/1"});
}

TEST_F(RunsTest, EndBeforeTheAnswerToTheirOrder) {
    attach("laptop");
    agents.answer([&](const FakeAgents::Said&) { finish(1, 1, "succeeded"); });
    const std::int64_t run = backup();
    runs->work();
    EXPECT_EQ(state(run), "succeeded");
}

TEST_F(RunsTest, AreNotTakenForRunningByAnAgentThatHasBegunAnew) {
    attach("laptop");
    agents.answer([&](const FakeAgents::Said& said) {
        if (said.what == "start 1/1") attach("laptop");  // crashed, and is back without it
    });
    const std::int64_t run = backup();
    runs->work();
    EXPECT_EQ(state(run), "queued");
    clock.advance(10);
    runs->work();
    EXPECT_EQ(agents.heard(), (Texts{"start 1/1", "start 1/2"}));
    EXPECT_EQ(state(run), "running");
}

TEST_F(RunsTest, AreCancelledWhileTheyWait) {
    const std::int64_t run = backup();
    runs->cancel(run);
    EXPECT_EQ(state(run), "cancelled");
    attach("laptop");
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{});
    const std::int64_t queued = backup();
    runs->cancel(queued);
    EXPECT_EQ(state(queued), "cancelled");
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{});
    expectError(ErrorCode::conflict, [&] { runs->cancel(queued); });
    expectError(ErrorCode::notFound, [&] { runs->cancel(77); });
    expectError(ErrorCode::notFound, [&] { runs->cancel(-1); });
}

TEST_F(RunsTest, AreCancelledByTheirAgent) {
    attach("laptop");
    const std::int64_t run = running();
    runs->cancel(run);
    EXPECT_EQ(state(run), "running");
    EXPECT_EQ(runs->get(run).phase, "cancelling");
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"cancel 1"});
    runs->cancel(run);  // safe to repeat
    runs->listener().progress("laptop", news(run, 1, {{"files", "3"}}));
    runs->tick();
    EXPECT_EQ(runs->get(run).phase, "cancelling");
    finish(run, 1, "cancelled");
    EXPECT_EQ(state(run), "cancelled");
    EXPECT_EQ(told(run), (Texts{"run-ordered", "run-started", "run-cancelling", "run-ended"}));
    expectError(ErrorCode::conflict, [&] { runs->cancel(run); });
}

TEST_F(RunsTest, AreWaitedForUntilTheyEnd) {
    const auto never = std::chrono::steady_clock::now() + std::chrono::minutes(10);
    attach("laptop");
    const std::int64_t run = running();
    EXPECT_EQ(runs->waitForEnd(run, std::chrono::steady_clock::now()).stand.state,
              RunState::running);
    ThreadScope other;
    other.start([&] { finish(run, 1, "succeeded"); });
    EXPECT_EQ(runs->waitForEnd(run, never).stand.state, RunState::succeeded);
    other.join();
    EXPECT_EQ(runs->waitForEnd(run, never).stand.state, RunState::succeeded);
    expectError(ErrorCode::notFound, [&] { runs->waitForEnd(77, never); });

    const std::int64_t left = running();
    events->stop();
    EXPECT_EQ(runs->waitForEnd(left, never).stand.state, RunState::running);
}

TEST_F(RunsTest, SucceedWhenTheCancelCameTooLate) {
    attach("laptop");
    const std::int64_t run = running();
    runs->cancel(run);
    finish(run, 1, "succeeded");
    EXPECT_EQ(state(run), "succeeded");
    const std::int64_t other = running();
    runs->cancel(other);
    finish(other, 1, "interrupted");
    EXPECT_EQ(state(other), "cancelled");
}

TEST_F(RunsTest, TellTheAgentOfACancelWhenItIsBack) {
    attach("laptop");
    const std::int64_t parked = running();
    const std::int64_t asked = running();
    runs->cancel(asked);
    detach("laptop");
    EXPECT_EQ(state(asked), "cancelled");
    runs->cancel(parked);
    EXPECT_EQ(state(parked), "cancelled");
    attach("laptop", {news(parked, 1), news(asked, 1)});
    runs->work();
    EXPECT_EQ(agents.heard(), (Texts{"cancel 1", "cancel 2"}));
    finish(parked, 1, "cancelled");
    EXPECT_EQ(state(parked), "cancelled");
}

TEST_F(RunsTest, KeepTheSnapshotOfABackupThatWasDoneBeforeItsCancel) {
    attach("laptop");
    const std::int64_t run = running();
    detach("laptop");
    runs->cancel(run);
    attach("laptop", {}, {run});
    finish(run, 1, "succeeded");
    EXPECT_EQ(state(run), "cancelled");
    EXPECT_EQ(runs->get(run).snapshot, repositories.snapshot);
    EXPECT_NE(message(run), "");
}

TEST_F(RunsTest, TellTheAgentOfACancelDuringTheOrder) {
    attach("laptop");
    agents.answer([&](const FakeAgents::Said& said) {
        if (said.what == "start 1/1") runs->cancel(1);
    });
    const std::int64_t run = backup();
    runs->work();
    EXPECT_EQ(state(run), "cancelled");
    EXPECT_EQ(agents.heard(), (Texts{"start 1/1", "cancel 1"}));
}

TEST_F(RunsTest, AskAgainUntilTheAgentHasHeardOfTheCancel) {
    attach("laptop");
    const std::int64_t run = running();
    agents.answer([](const FakeAgents::Said&) { throw Error(ErrorCode::unavailable, "cut"); });
    runs->cancel(run);
    runs->work();
    agents.answer({});
    clock.advance(2);
    runs->work();
    EXPECT_EQ(agents.heard(), (Texts{"cancel 1", "cancel 1"}));
}

TEST_F(RunsTest, TellAnAgentThatAttachesAnewOfTheCancel) {
    attach("laptop");
    const std::int64_t run = running();
    runs->cancel(run);
    attach("laptop", {news(run, 1)});  // before it was told
    EXPECT_EQ(state(run), "running");
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"cancel 1"});
    attach("laptop", {}, {run});
    EXPECT_EQ(runs->get(run).phase, "cancelling");
    finish(run, 1, "cancelled");
    EXPECT_EQ(state(run), "cancelled");
}

TEST_F(RunsTest, EndWhenTheAgentDoesNotReactToACancel) {
    attach("laptop");
    const std::int64_t run = running();
    runs->cancel(run);
    clock.advance(1'000);
    runs->tick();
    EXPECT_EQ(state(run), "running");  // it has not even been told
    runs->work();
    clock.advance(120);
    runs->tick();
    EXPECT_EQ(state(run), "running");
    clock.advance(1);
    runs->tick();
    EXPECT_EQ(state(run), "cancelled");
    EXPECT_NE(message(run), "");
}

TEST_F(RunsTest, GoOnWhenTheyAreResumed) {
    attach("laptop");
    const std::int64_t run = running();
    expectError(ErrorCode::conflict, [&] { runs->resume(run); });
    Coffer::RunResult end = result(run, 1, "failed");
    end.problems.length(3);
    runs->listener().finished("laptop", end);
    clock.advance(5);
    runs->resume(run);
    EXPECT_EQ(state(run), "queued");
    EXPECT_FALSE(runs->get(run).ended);
    EXPECT_EQ(runs->get(run).problems, 0U);
    EXPECT_TRUE(runs->problems(run).empty());
    expectError(ErrorCode::conflict, [&] { runs->resume(run); });
    finish(run, 1, "failed");  // told once more
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"start 1/2"});
    EXPECT_EQ(state(run), "running");
    EXPECT_EQ(runs->get(run).started->seconds, clock.now().seconds);
    finish(run, 2, "succeeded");
    EXPECT_EQ(state(run), "succeeded");
    expectError(ErrorCode::conflict, [&] { runs->resume(run); });
    expectError(ErrorCode::notFound, [&] { runs->resume(77); });
}

TEST_F(RunsTest, ParkWhenTheyAreResumedWithoutTheirAgent) {
    const std::int64_t run = backup();
    runs->cancel(run);
    runs->resume(run);
    EXPECT_EQ(state(run), "parked");
    attach("laptop");
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"start 1/1"});
}

TEST_F(RunsTest, SurviveARestartWithTwentyAtWork) {
    attach("laptop");
    attach("desktop");
    std::vector<std::int64_t> all;
    for (int i = 0; i < 10; ++i) {
        all.push_back(running("laptop"));
        all.push_back(running("desktop"));
    }
    const std::int64_t queued = backup("laptop");
    runs->cancel(all[0]);  // asked to stop, and nothing heard

    begin();
    EXPECT_EQ(state(all[0]), "cancelled");
    EXPECT_EQ(state(queued), "parked");
    std::vector<Coffer::RunProgress> alive;
    for (std::size_t i = 1; i < all.size(); ++i) {
        EXPECT_EQ(state(all[i]), "parked");
        if (i % 2 == 0) alive.push_back(news(all[i], 1));
    }
    alive.push_back(news(all[0], 1));
    attach("laptop", alive);
    attach("desktop", {}, {all[1]});
    clock.advance(10);
    runs->work();
    std::vector<std::string> expected = {"start " + std::to_string(queued) + "/1", "cancel 1"};
    for (std::size_t i = 3; i < all.size(); i += 2) {
        expected.push_back("start " + std::to_string(all[i]) + "/2");
    }
    EXPECT_THAT(agents.heard(), testing::UnorderedElementsAreArray(expected));
    finish(all[1], 1, "failed", "desktop");
    EXPECT_EQ(state(all[1]), "failed");
    for (std::size_t i = 2; i < all.size(); ++i) {
        EXPECT_EQ(state(all[i]), "running");
        const std::string agent = i % 2 == 0 ? "laptop" : "desktop";
        finish(all[i], i % 2 == 0 ? 1 : 2, "failed", agent);
        EXPECT_EQ(state(all[i]), "failed");
    }
    EXPECT_EQ(state(queued), "running");
}

TEST_F(RunsTest, NeverUseANumberTwice) {
    settings.limits.runs = 3;
    begin();
    for (std::int64_t number = 1; number <= 5; ++number) {
        EXPECT_EQ(backup(), number);
        runs->cancel(number);
    }
    begin();
    EXPECT_EQ(backup(), 6);
}

TEST_F(RunsTest, KeepTheNewestAndThoseThatHaveNotEnded) {
    settings.limits.runs = 3;
    begin();
    attach("laptop");
    const std::int64_t active = running();
    for (int i = 0; i < 6; ++i) {
        const std::int64_t run = running();
        Coffer::RunResult end = result(run, 1, "failed");
        end.problems.length(2);
        runs->listener().finished("laptop", end);
    }
    std::vector<std::int64_t> kept;
    for (const RunRecord& run : runs->newest(1'000, 1'000)) kept.push_back(run.number);
    EXPECT_EQ(kept, (std::vector<std::int64_t>{7, 6, 5, active}));
    expectError(ErrorCode::notFound, [&] { runs->problems(2); });
    // A result of one that nobody remembers: the agent may forget it, too.
    expectError(ErrorCode::notFound, [&] { finish(2, 1, "failed"); });
}

TEST_F(RunsTest, AreBoundedForEachAgent) {
    settings.limits.activeOfAgent = 3;
    settings.limits.activeRuns = 5;
    begin();
    const std::int64_t first = backup("laptop");
    backup("laptop");
    backup("laptop");
    expectError(
        ErrorCode::limitExceeded, [&] { backup("laptop"); }, "laptop");
    backup("desktop");
    backup("desktop");
    expectError(ErrorCode::limitExceeded, [&] { backup("desktop"); });
    runs->cancel(first);
    backup("desktop");
    expectError(ErrorCode::limitExceeded, [&] { runs->resume(first); });
    EXPECT_EQ(state(first), "cancelled");
}

TEST_F(RunsTest, OfOneAgentDoNotWaitForAnotherThatIsStopped) {
    Guarded<bool> released(false);
    agents.answer([&](const FakeAgents::Said& said) {
        if (said.agent != "laptop") return;
        released.when([](bool go) { return go; }, [](bool) {});
        throw Error(ErrorCode::unavailable, "does not answer");
    });
    settings.callers = 2;
    begin();
    attach("laptop");
    attach("desktop");
    const std::int64_t stuck = backup("laptop");
    runs->start();
    agents.await({"laptop", "start 1/1"});
    backup("laptop");
    const std::int64_t other = backup("desktop");
    agents.await({"desktop", "start " + std::to_string(other) + "/1"});
    released.change([](bool& go) { go = true; });
    runs->stop();
    EXPECT_EQ(state(stuck), "queued");
    EXPECT_EQ(state(other), "running");
    EXPECT_EQ(agents.heard().size(), 2U);
    // What agents tell afterwards is still entered.
    finish(other, 1, "failed", "desktop");
    EXPECT_EQ(state(other), "failed");
    detach("laptop");
    EXPECT_EQ(state(stuck), "parked");
}

}  // namespace
}  // namespace coffer
