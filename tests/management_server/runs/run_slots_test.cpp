// Who begins when: limits, priorities, pauses and windows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/management_server/runs/runs_fixture.h"

namespace coffer {
namespace {

using testing::HasSubstr;

struct RunSlots : RunsFixture {
    RunSlots() {
        settings.slots = {.atOnce = 2, .ofRepository = 2, .ofAgent = 1, .ofServer = 1};
        begin();
        clock.advance(evening - clock.now().seconds);
    }

    std::int64_t backup(const std::string& agent = "laptop", int priority = 0) {
        RunRecord run = runs->starter().backup("ann", agent, {{"/home"}, {}}, "main",
                                               {{"priority", std::to_string(priority)}});
        return runs->add(run);
    }
    std::int64_t atNight(const std::string& agent = "laptop") {
        RunRecord run = runs->starter().backup("ann", agent, {{"/home"}, {}}, "main", {});
        run.task = "office";
        run.window = "mon-sun 22:00-06:00";
        run.zone = "UTC";
        return runs->add(run);
    }
    void hour(int hour) {
        clock.advance(evening + std::int64_t{hour - 20} * 3'600 - clock.now().seconds);
        runs->tick();
    }
    std::vector<std::int64_t> queue() {
        std::vector<std::int64_t> numbers;
        for (const RunRecord& run : runs->queued(100)) numbers.push_back(run.number);
        return numbers;
    }
    using Numbers = std::vector<std::int64_t>;

    static constexpr std::int64_t evening = 1'790'280'000;  // 2026-09-24 20:00 UTC
};

TEST_F(RunSlots, MakeOthersWaitVisibly) {
    attach("laptop");
    const std::int64_t first = running();
    const std::int64_t second = backup();
    EXPECT_EQ(state(second), "waiting");
    EXPECT_EQ(message(second), "waiting for a slot of agent laptop");
    EXPECT_EQ(runs->newest(1'000, 1).front().message, "waiting for a slot of agent laptop");
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{});
    finish(first, 1, "succeeded");
    EXPECT_EQ(state(second), "queued");
    EXPECT_EQ(message(second), "");
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"start 2/1"});
    EXPECT_EQ(told(second), (Texts{"run-ordered", "run-started"}));
}

TEST_F(RunSlots, GoToTheHigherPriorityThenToTheOlderRun) {
    attach("laptop");
    const std::int64_t first = running();
    const std::int64_t second = backup();
    const std::int64_t third = backup();
    const std::int64_t urgent = backup("laptop", 10);
    EXPECT_EQ(queue(), (Numbers{urgent, second, third}));
    runs->setPriority(third, 5);
    EXPECT_EQ(queue(), (Numbers{urgent, third, second}));
    EXPECT_EQ(runs->get(third).priority, 5);
    finish(first, 1, "failed");
    EXPECT_EQ(state(urgent), "queued");
    EXPECT_EQ(queue(), (Numbers{third, second}));
    expectError(ErrorCode::conflict, [&] { runs->setPriority(first, 1); });
    expectError(ErrorCode::invalidArgument, [&] { runs->setPriority(third, 101); });
    expectError(ErrorCode::invalidArgument, [&] { backup("laptop", -101); });
    expectError(ErrorCode::notFound, [&] { runs->setPriority(99, 1); });
}

TEST_F(RunSlots, AreGivenBackByWhateverEndsARun) {
    attach("laptop");
    const std::int64_t first = running();
    const std::int64_t second = backup();
    const std::int64_t third = backup();
    runs->cancel(first);
    EXPECT_EQ(state(second), "waiting");  // it has not stopped yet
    finish(first, 1, "cancelled");
    EXPECT_EQ(state(second), "queued");
    runs->cancel(second);
    EXPECT_EQ(state(third), "queued");
    runs->pause(third, "paused by ann");
    const std::int64_t fourth = backup();
    EXPECT_EQ(state(fourth), "queued");
    runs->resume(third);
    EXPECT_EQ(message(third), "waiting for a slot of agent laptop");
    agents.answer([](const FakeAgents::Said&) { throw Error(ErrorCode::permissionDenied, "no"); });
    runs->work();
    EXPECT_EQ(state(fourth), "failed");
    EXPECT_EQ(state(third), "failed");
}

TEST_F(RunSlots, AreKeptFromOneAttemptToTheNext) {
    attach("laptop");
    const std::int64_t first = running();
    const std::int64_t second = backup("laptop", 100);
    finish(first, 1, "interrupted");
    EXPECT_EQ(state(first), "queued");
    EXPECT_EQ(state(second), "waiting");
}

TEST_F(RunSlots, AreLeftByWhoseAgentGoes) {
    settings.slots.ofRepository = 1;
    begin();
    attach("laptop");
    attach("desktop");
    const std::int64_t first = running();
    const std::int64_t second = backup("desktop");
    EXPECT_EQ(message(second), "waiting for a slot of repository main");
    detach("laptop");
    EXPECT_EQ(state(second), "queued");
    runs->work();
    attach("laptop");
    EXPECT_EQ(message(first), "waiting for a slot of repository main");
    finish(second, 1, "failed", "desktop");
    EXPECT_EQ(state(first), "queued");
    clock.advance(2);
    runs->work();
    EXPECT_EQ(attempt(first), 2U);
}

TEST_F(RunSlots, AreWaitedForHoweverOftenTheAgentComesAndGoes) {
    settings.slots.ofRepository = 1;
    begin();
    attach("laptop");
    attach("desktop");
    const std::int64_t run = running();
    const std::int64_t other = backup("desktop");
    detach("laptop");
    runs->work();
    EXPECT_EQ(state(other), "running");
    for (unsigned i = 0; i < 2 * RunEffort::mostFruitless; ++i) {
        attach("laptop");
        EXPECT_EQ(state(run), "waiting");
        detach("laptop");
    }
    EXPECT_EQ(state(run), "parked");
}

TEST_F(RunSlots, AreTrueAfterTheServerWasKilled) {
    attach("laptop");
    attach("desktop");
    const std::int64_t first = running();
    const std::int64_t second = backup("laptop");
    const std::int64_t urgent = backup("laptop", 7);
    begin();
    EXPECT_EQ(state(second), "parked");  // nobody is attached yet
    attach("laptop", {news(first, 1)});
    EXPECT_EQ(state(first), "running");
    EXPECT_EQ(state(second), "waiting");
    EXPECT_EQ(queue(), (Numbers{urgent, second}));
    finish(first, 1, "failed");
    EXPECT_EQ(state(urgent), "queued");
}

TEST_F(RunSlots, StayRightWhenAStepIsUndone) {
    attach("laptop");
    RunRecord run = runs->starter().backup("ann", "laptop", {{"/home"}, {}}, "main", {});
    expectError(ErrorCode::internal, [&] {
        runs->add({run}, [](SqlDatabase&, const auto&, const auto&) {
            throw Error(ErrorCode::internal, "undone");
        });
    });
    EXPECT_EQ(state(backup()), "queued");
    EXPECT_EQ(queue(), Numbers{});
}

TEST_F(RunSlots, PauseKeepsWhatTheAgentHasStored) {
    attach("laptop");
    const std::int64_t run = running();
    runs->pause(run, "paused by ann: the line is needed");
    EXPECT_EQ(state(run), "running");
    EXPECT_EQ(runs->get(run).phase, "parking");
    expectError(ErrorCode::conflict, [&] { runs->resume(run); });
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"cancel 1"});
    runs->pause(run, "paused by ben");  // safe to repeat; the first one counts
    finish(run, 1, "cancelled");
    EXPECT_EQ(state(run), "parked");
    EXPECT_EQ(message(run), "paused by ann: the line is needed");
    EXPECT_EQ(told(run), (Texts{"run-ordered", "run-started", "run-parking", "run-parked"}));
    detach("laptop");
    attach("laptop");
    begin();
    attach("laptop");
    EXPECT_EQ(state(run), "parked");
    EXPECT_EQ(message(run), "paused by ann: the line is needed");
    EXPECT_EQ(queue(), Numbers{run});
    runs->resume(run);
    EXPECT_EQ(state(run), "queued");
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"start 1/2"});
    EXPECT_EQ(told(run).back(), "run-started");
    finish(run, 2, "succeeded");
    expectError(ErrorCode::conflict, [&] { runs->pause(run, "x"); });
}

TEST_F(RunSlots, PauseOfARunThatIsDoneMeanwhileChangesNothing) {
    attach("laptop");
    const std::int64_t run = running();
    runs->pause(run, "paused by ann");
    finish(run, 1, "succeeded");
    EXPECT_EQ(state(run), "succeeded");
}

TEST_F(RunSlots, PauseHoldsAlsoWhenTheAgentWasAway) {
    attach("laptop");
    const std::int64_t run = running();
    detach("laptop");
    runs->pause(run, "paused by ann");
    attach("laptop", {news(run, 1)});
    EXPECT_EQ(runs->get(run).phase, "parking");
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"cancel 1"});
    finish(run, 1, "cancelled");
    EXPECT_EQ(state(run), "parked");
    EXPECT_EQ(message(run), "paused by ann");
    runs->cancel(run);
    EXPECT_EQ(state(run), "cancelled");
}

TEST_F(RunSlots, PauseOutlivesAnAgentThatDoesNotAnswer) {
    attach("laptop");
    const std::int64_t run = running();
    runs->pause(run, "paused by ann");
    runs->work();
    clock.advance(121);
    runs->tick();
    EXPECT_EQ(state(run), "parked");
    runs->resume(run);
    finish(run, 1, "cancelled");  // of the attempt before
    EXPECT_EQ(state(run), "queued");
    agents.heard();
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"start 1/2"});
}

TEST_F(RunSlots, WindowsLetRunsWaitUntilTheyOpen) {
    attach("laptop");
    const std::int64_t run = atNight();
    EXPECT_EQ(message(run), "waiting for its window, which opens at 2026-09-24T22:00:00Z");
    hour(21);
    EXPECT_EQ(state(run), "waiting");
    hour(22);
    EXPECT_EQ(state(run), "queued");
}

TEST_F(RunSlots, WindowsThatCloseParkARunUntilTheNextOpening) {
    hour(23);
    attach("laptop");
    const std::int64_t run = atNight();
    runs->work();
    agents.heard();
    hour(29);
    EXPECT_EQ(state(run), "running");
    hour(30);
    EXPECT_EQ(runs->get(run).phase, "parking");
    runs->tick();
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"cancel 1"});
    finish(run, 1, "cancelled");
    EXPECT_EQ(state(run), "parked");
    EXPECT_EQ(message(run), "waiting for its window, which opens at 2026-09-25T22:00:00Z");
    begin();  // the server was killed
    EXPECT_EQ(state(run), "parked");
    attach("laptop");
    hour(40);
    EXPECT_EQ(state(run), "parked");
    hour(46);
    EXPECT_EQ(state(run), "queued");
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"start 1/2"});
    // 16 hours of which the time limit of its task does not count.
    EXPECT_EQ(runs->get(run).heldSeconds, 16 * 3'600);
    EXPECT_FALSE(runs->get(run).heldAt);
}

TEST_F(RunSlots, WindowsAreJudgedByTheClockOfTheMoment) {
    hour(23);
    attach("laptop");
    const std::int64_t run = atNight();
    runs->work();
    hour(12);  // set back
    EXPECT_EQ(runs->get(run).phase, "parking");
    finish(run, 1, "cancelled");
    EXPECT_EQ(state(run), "parked");
    hour(23 + 24 * 30);  // and far ahead
    EXPECT_EQ(state(run), "queued");
    runs->work();
    EXPECT_EQ(state(run), "running");
}

TEST_F(RunSlots, WindowsThatOpenWhileTheAgentIsAway) {
    hour(23);
    attach("laptop");
    const std::int64_t run = atNight();
    runs->work();
    hour(30);
    detach("laptop");
    EXPECT_EQ(state(run), "parked");
    hour(47);
    EXPECT_EQ(message(run), "the agent is away");
    attach("laptop");
    EXPECT_EQ(state(run), "queued");
}

TEST_F(RunSlots, WindowsThatAreChangedHoldForRunsThatHaveNotEnded) {
    attach("laptop");
    attach("desktop");
    const std::int64_t run = atNight();
    const std::int64_t other = backup("desktop");
    const auto in = [](const char* zone) { return [zone](const std::string&) { return zone; }; };
    runs->setWindows({{"office", {"", in("")}}});
    EXPECT_EQ(state(run), "queued");
    runs->work();
    runs->setWindows({{"office", {"mon-sun 01:00-02:00", in("UTC")}}, {"else", {"", in("")}}});
    runs->tick();
    EXPECT_EQ(runs->get(run).phase, "parking");
    EXPECT_EQ(runs->get(other).phase, "starting");
}

TEST_F(RunSlots, PausesOutlastWindows) {
    hour(23);
    attach("laptop");
    const std::int64_t run = atNight();
    runs->work();
    hour(30);
    runs->pause(run, "paused by ann");
    finish(run, 1, "cancelled");
    hour(47);
    EXPECT_EQ(state(run), "parked");
    EXPECT_EQ(message(run), "paused by ann");
    hour(54);
    runs->resume(run);
    EXPECT_THAT(message(run), HasSubstr("waiting for its window"));
}

TEST_F(RunSlots, OfAWindowThatCannotBeReadAreOpen) {
    attach("laptop");
    RunRecord run = runs->starter().backup("ann", "laptop", {{"/home"}, {}}, "main", {});
    run.window = "mon-sun 22:00-06:00";
    run.zone = "Nowhere/Atlantis";
    EXPECT_EQ(state(runs->add(run)), "queued");
}

}  // namespace
}  // namespace coffer
