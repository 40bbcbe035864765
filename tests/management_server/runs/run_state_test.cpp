#include "management_server/runs/run_state.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

const std::vector<RunState> allStates = {
    RunState::waiting,  RunState::queued,    RunState::running,
    RunState::parked,   RunState::verifying, RunState::succeeded,
    RunState::warnings, RunState::failed,    RunState::cancelled};

RunStand at(RunState state, std::uint32_t attempt = 1) {
    RunStand stand;
    stand.state = state;
    stand.attempt = attempt;
    return stand;
}

RunStand cancelling() {
    RunStand stand = at(RunState::running);
    stand.cancelling = true;
    return stand;
}

RunStand held(RunState state, RunHold hold, std::uint32_t attempt = 1) {
    RunStand stand = at(state, attempt);
    stand.hold = hold;
    return stand;
}

/// Where a step leads from each state, in the order of the enum.
template <class Step>
void expectTable(const std::vector<RunState>& expected, Step&& step) {
    for (std::size_t i = 0; i < allStates.size(); ++i) {
        EXPECT_EQ(nameOf(step(at(allStates[i])).state), nameOf(expected[i]))
            << "from " << nameOf(allStates[i]);
    }
}

using enum RunState;

TEST(RunStates, HaveNamesThatComeBack) {
    for (const RunState state : allStates) EXPECT_EQ(runStateOf(nameOf(state)), state);
    expectError(ErrorCode::corrupt, [] { runStateOf("done"); });
    expectError(ErrorCode::corrupt, [] { runStateOf(""); });
    EXPECT_EQ(runOutcomeOf("interrupted"), RunOutcome::interrupted);
    EXPECT_EQ(runOutcomeOf("warnings"), RunOutcome::warnings);
    expectError(ErrorCode::invalidArgument, [] { runOutcomeOf("parked"); });
}

TEST(RunStates, EndInFour) {
    const std::vector<bool> ended = {false, false, false, false, false, true, true, true, true};
    for (std::size_t i = 0; i < allStates.size(); ++i) {
        EXPECT_EQ(hasEnded(allStates[i]), ended[i]);
    }
}

TEST(RunStates, OrderCountsAttempts) {
    RunStand stand = at(queued, 4);
    stand.resultTaken = true;
    const RunStand ordered = ordering(stand);
    EXPECT_EQ(ordered.state, queued);
    EXPECT_EQ(ordered.attempt, 5U);
    EXPECT_FALSE(ordered.resultTaken);
    for (const RunState state : allStates) {
        if (state != queued) expectError(ErrorCode::conflict, [&] { ordering(at(state)); });
    }
}

TEST(RunStates, AreMovedByTheAnswerToTheLastOrderAlone) {
    expectTable(
        {waiting, running, running, parked, verifying, succeeded, warnings, failed, cancelled},
        [](RunStand stand) { return orderTaken(stand, 1); });
    expectTable(
        {waiting, failed, running, parked, verifying, succeeded, warnings, failed, cancelled},
        [](RunStand stand) { return orderRefused(stand, 1); });
    EXPECT_EQ(orderTaken(at(queued, 2), 1), at(queued, 2));
    EXPECT_EQ(orderRefused(at(queued, 2), 1), at(queued, 2));
    RunStand interrupted = at(queued, 1);
    interrupted.resultTaken = true;
    EXPECT_EQ(orderTaken(interrupted, 1), interrupted);
    EXPECT_EQ(orderRefused(interrupted, 1), interrupted);
}

TEST(RunStates, ParkWhileTheAgentIsAway) {
    const std::vector<RunState> expected = {parked,    parked,   parked, parked,   verifying,
                                            succeeded, warnings, failed, cancelled};
    expectTable(expected, agentAway);
    expectTable(expected, serverBegan);
    EXPECT_EQ(agentAway(cancelling()), at(cancelled));
    EXPECT_EQ(serverBegan(cancelling()), at(cancelled));
}

TEST(RunStates, GoOnByTheWordOfTheAgent) {
    const std::vector<RunState> atWork = {running,   running,  running, running,  verifying,
                                          succeeded, warnings, failed,  cancelled};
    expectTable(atWork, [](RunStand stand) { return agentBack(stand, AgentWord::works); });
    expectTable(atWork, [](RunStand stand) { return agentBack(stand, AgentWord::hasResult); });
    expectTable(
        {waiting, queued, queued, waiting, verifying, succeeded, warnings, failed, cancelled},
        [](RunStand stand) { return agentBack(stand, AgentWord::nothing); });
    EXPECT_EQ(agentBack(cancelling(), AgentWord::works), cancelling());
    EXPECT_EQ(agentBack(cancelling(), AgentWord::nothing), at(cancelled));
}

TEST(RunStates, FailWithARevokedAgent) {
    expectTable({failed, failed, failed, failed, verifying, succeeded, warnings, failed, cancelled},
                agentRevoked);
}

TEST(RunStates, EndWithTheirResult) {
    const auto came = [](RunOutcome outcome) {
        return [outcome](RunStand stand) { return resultCame(stand, 1, outcome, true); };
    };
    const auto all = [](RunState state) {
        return std::vector<RunState>{state,     state,    state,  state,    verifying,
                                     succeeded, warnings, failed, cancelled};
    };
    expectTable(all(succeeded), came(RunOutcome::succeeded));
    expectTable(all(warnings), came(RunOutcome::warnings));
    expectTable(all(failed), came(RunOutcome::failed));
    expectTable(all(cancelled), came(RunOutcome::cancelled));
    EXPECT_EQ(resultCame(cancelling(), 1, RunOutcome::succeeded, true).state, succeeded);
    EXPECT_FALSE(resultCame(cancelling(), 1, RunOutcome::succeeded, true).cancelling);
}

TEST(RunStates, GoOnAfterAnInterruption) {
    expectTable(
        {waiting, queued, queued, parked, verifying, succeeded, warnings, failed, cancelled},
        [](RunStand stand) { return resultCame(stand, 1, RunOutcome::interrupted, true); });
    expectTable(
        {failed, failed, failed, failed, verifying, succeeded, warnings, failed, cancelled},
        [](RunStand stand) { return resultCame(stand, 1, RunOutcome::interrupted, false); });
    EXPECT_EQ(resultCame(cancelling(), 1, RunOutcome::interrupted, true).state, cancelled);
}

TEST(RunStates, TakeOneResultOfTheLastAttempt) {
    const RunStand third = at(running, 3);
    for (const std::uint32_t attempt : {0U, 1U, 2U, 4U}) {
        EXPECT_EQ(resultCame(third, attempt, RunOutcome::failed, true), third);
    }
    EXPECT_EQ(resultCame(at(queued, 0), 0, RunOutcome::failed, true), at(queued, 0));
    const RunStand done = resultCame(third, 3, RunOutcome::warnings, true);
    EXPECT_TRUE(done.resultTaken);
    EXPECT_EQ(resultCame(done, 3, RunOutcome::failed, true), done);
    // Interrupted, and told once more before it is ordered again.
    const RunStand again = resultCame(third, 3, RunOutcome::interrupted, true);
    EXPECT_EQ(resultCame(again, 3, RunOutcome::succeeded, true), again);
}

TEST(RunStates, KeepWhatWasSaidWhenALateResultComes) {
    const RunStand late = resultCame(at(cancelled), 1, RunOutcome::succeeded, true);
    EXPECT_EQ(late.state, cancelled);
    EXPECT_TRUE(late.resultTaken);
}

TEST(RunStates, AreCancelledAtOnceUnlessAtWork) {
    EXPECT_EQ(cancelAsked(at(waiting)), at(cancelled));
    EXPECT_EQ(cancelAsked(at(queued)), at(cancelled));
    for (const RunHold hold : {RunHold::user, RunHold::window}) {
        EXPECT_EQ(cancelAsked(held(parked, hold)), at(cancelled));
        EXPECT_EQ(cancelAsked(held(running, hold)), cancelling());
    }
    EXPECT_EQ(cancelAsked(at(parked)), at(cancelled));
    EXPECT_EQ(cancelAsked(at(running)), cancelling());
    EXPECT_EQ(cancelAsked(cancelling()), cancelling());
    for (const RunState state : {succeeded, warnings, failed, cancelled}) {
        expectError(
            ErrorCode::conflict, [&] { cancelAsked(at(state)); }, "ended");
    }
}

TEST(RunStates, EndWhenNobodyReactsToACancel) {
    expectTable(allStates, stopOverdue);
    EXPECT_EQ(stopOverdue(cancelling()), at(cancelled));
}

TEST(RunStates, ResumeAfterAFailureOrACancel) {
    for (const RunState state : {failed, cancelled}) {
        EXPECT_EQ(resumeAsked(at(state, 3), true), at(waiting, 3));
        EXPECT_EQ(resumeAsked(at(state, 3), false), at(parked, 3));
    }
    for (const RunState state :
         {waiting, queued, running, parked, verifying, succeeded, warnings}) {
        expectError(ErrorCode::conflict, [&] { resumeAsked(at(state), true); });
    }
}

TEST(RunStates, EndAsTheirBackupDidWhenItIsProven) {
    for (const RunState done : {succeeded, warnings}) {
        const RunStand stand = proofAwaited(at(done));
        EXPECT_EQ(stand.state, verifying);
        EXPECT_EQ(proofCame(stand, RunProof::sound), at(done));
        EXPECT_EQ(proofCame(stand, RunProof::unknown), at(warnings));
        EXPECT_EQ(proofCame(stand, RunProof::damaged), at(failed));
        EXPECT_EQ(cancelAsked(stand), at(warnings)) << "what has committed stays";
    }
    for (const RunState state : allStates) {
        if (!wentWell(state)) {
            EXPECT_EQ(proofAwaited(at(state)), at(state));
        }
        if (state != verifying) {
            EXPECT_EQ(proofCame(at(state), RunProof::damaged), at(state));
        }
    }
}

TEST(RunStates, NeedNobodyOnceTheyHaveCommitted) {
    const RunStand stand = proofAwaited(at(warnings));
    EXPECT_TRUE(isWorkOver(stand.state));
    EXPECT_EQ(agentAway(stand), stand);
    EXPECT_EQ(agentBack(stand, AgentWord::works), stand);
    EXPECT_EQ(agentBack(stand, AgentWord::nothing), stand);
    EXPECT_EQ(agentRevoked(stand), stand);
    EXPECT_EQ(serverBegan(stand), stand);
    EXPECT_EQ(windowClosed(stand), stand);
    EXPECT_EQ(windowOpened(stand, true), stand);
    EXPECT_EQ(stopOverdue(stand), stand);
    expectError(
        ErrorCode::conflict, [&] { pauseAsked(stand); }, "committed");
    expectError(ErrorCode::conflict, [&] { resumeAsked(stand, true); });
}

TEST(RunStates, WaitUntilTheyHaveASlot) {
    EXPECT_EQ(RunStand().state, waiting);
    expectTable(
        {queued, queued, running, parked, verifying, succeeded, warnings, failed, cancelled},
        slotGiven);
}

TEST(RunStates, ArePausedAtOnceUnlessAtWork) {
    for (const RunState state : {waiting, queued, parked}) {
        EXPECT_EQ(pauseAsked(at(state)), held(parked, RunHold::user));
    }
    EXPECT_EQ(pauseAsked(at(running)), held(running, RunHold::user));
    EXPECT_EQ(pauseAsked(held(running, RunHold::window)), held(running, RunHold::user));
    EXPECT_EQ(pauseAsked(held(parked, RunHold::window)), held(parked, RunHold::user));
    EXPECT_EQ(pauseAsked(held(parked, RunHold::user)), held(parked, RunHold::user));
    expectError(ErrorCode::conflict, [] { pauseAsked(cancelling()); });
    for (const RunState state : {succeeded, warnings, failed, cancelled}) {
        expectError(ErrorCode::conflict, [&] { pauseAsked(at(state)); });
    }
}

TEST(RunStates, StopWithTheirWindowIfTheyHaveBegun) {
    EXPECT_EQ(windowClosed(at(queued)), held(parked, RunHold::window));
    EXPECT_EQ(windowClosed(at(running)), held(running, RunHold::window));
    EXPECT_EQ(windowClosed(cancelling()), cancelling());
    EXPECT_EQ(windowClosed(held(running, RunHold::user)), held(running, RunHold::user));
    for (const RunState state :
         {waiting, parked, verifying, succeeded, warnings, failed, cancelled}) {
        EXPECT_EQ(windowClosed(at(state)), at(state));
    }
}

TEST(RunStates, GoOnWithTheirWindowAlone) {
    RunStand again = at(waiting, 2);
    again.resultTaken = true;  // what comes of the attempt that was stopped says nothing
    EXPECT_EQ(windowOpened(held(parked, RunHold::window, 2), true), again);
    again.state = parked;
    EXPECT_EQ(windowOpened(held(parked, RunHold::window, 2), false), again);
    EXPECT_EQ(windowOpened(held(parked, RunHold::window, 0), true), at(waiting, 0));
    for (const RunState state : allStates) {
        EXPECT_EQ(windowOpened(at(state), true), at(state));
    }
    const RunStand stopping = held(running, RunHold::window);
    EXPECT_EQ(windowOpened(stopping, true), stopping);
    EXPECT_EQ(windowOpened(held(parked, RunHold::user), true), held(parked, RunHold::user));
}

TEST(RunStates, ResumeAPause) {
    RunStand again = at(waiting, 2);
    again.resultTaken = true;
    EXPECT_EQ(resumeAsked(held(parked, RunHold::user, 2), true), again);
    again.state = parked;
    EXPECT_EQ(resumeAsked(held(parked, RunHold::user, 2), false), again);
    expectError(
        ErrorCode::conflict, [] { resumeAsked(held(running, RunHold::user), true); },
        "still stopping");
    expectError(
        ErrorCode::conflict, [] { resumeAsked(held(parked, RunHold::window), true); }, "window");
}

TEST(RunStates, ParkWhenTheyHaveStoppedForAWhile) {
    for (const RunHold hold : {RunHold::user, RunHold::window}) {
        const RunStand stopping = held(running, hold);
        RunStand stopped = held(parked, hold);
        EXPECT_EQ(stopOverdue(stopping), stopped);
        stopped.resultTaken = true;
        EXPECT_EQ(resultCame(stopping, 1, RunOutcome::cancelled, true), stopped);
        EXPECT_EQ(resultCame(stopping, 1, RunOutcome::interrupted, false), stopped);
        EXPECT_EQ(resultCame(held(parked, hold), 1, RunOutcome::cancelled, true), stopped);
        EXPECT_EQ(resultCame(stopping, 1, RunOutcome::succeeded, true).state, succeeded);
        EXPECT_EQ(resultCame(stopping, 1, RunOutcome::succeeded, true).hold, RunHold::none);
        EXPECT_EQ(resultCame(stopping, 1, RunOutcome::failed, true).state, failed);
    }
}

TEST(RunStates, StayHeldWhateverTheirAgentDoes) {
    for (const RunHold hold : {RunHold::user, RunHold::window}) {
        EXPECT_EQ(agentAway(held(running, hold)), held(parked, hold));
        EXPECT_EQ(serverBegan(held(running, hold)), held(parked, hold));
        EXPECT_EQ(agentBack(held(parked, hold), AgentWord::nothing), held(parked, hold));
        EXPECT_EQ(agentBack(held(running, hold), AgentWord::nothing), held(parked, hold));
        EXPECT_EQ(agentBack(held(parked, hold), AgentWord::works), held(running, hold));
        EXPECT_EQ(agentRevoked(held(parked, hold)), at(failed));
    }
}

TEST(RunStates, HoldsHaveNamesThatComeBack) {
    for (const RunHold hold : {RunHold::none, RunHold::user, RunHold::window}) {
        EXPECT_EQ(runHoldOf(nameOf(hold)), hold);
    }
    expectError(ErrorCode::corrupt, [] { runHoldOf("agent"); });
}

TEST(RunStates, JobsOfTheServerBeginAnewWithIt) {
    expectTable(
        {waiting, waiting, waiting, parked, verifying, succeeded, warnings, failed, cancelled},
        serverJobLost);
    RunStand stand = at(running, 9);
    for (std::uint32_t loss = 1; loss < mostServerLosses; ++loss) {
        stand = serverJobLost(stand);
        EXPECT_EQ(stand.state, waiting);
        stand.state = running;
    }
    EXPECT_EQ(serverJobLost(stand).state, failed);
    EXPECT_EQ(resumeAsked(serverJobLost(stand), true).serverLosses, 0U);
    EXPECT_EQ(serverJobLost(cancelling()).state, cancelled);
    EXPECT_EQ(serverJobLost(held(running, RunHold::user)), held(parked, RunHold::user));
}

}  // namespace
}  // namespace coffer
