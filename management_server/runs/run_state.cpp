#include "management_server/runs/run_state.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

// In the order of the enums.
constexpr std::array<std::string_view, 9> stateNames = {"waiting",  "queued",    "running",
                                                        "parked",   "verifying", "succeeded",
                                                        "warnings", "failed",    "cancelled"};
constexpr std::array<std::string_view, 3> holdNames = {"", "user", "window"};
constexpr std::array<std::string_view, 5> outcomeNames = {"succeeded", "warnings", "failed",
                                                          "cancelled", "interrupted"};

RunStand in(RunStand stand, RunState state) {
    stand.state = state;
    stand.cancelling = stand.cancelling && state == RunState::running;
    if (state != RunState::running && state != RunState::parked) stand.hold = RunHold::none;
    if (state != RunState::verifying) stand.done = RunState::succeeded;
    return stand;
}

bool isHeld(const RunStand& stand) {
    return stand.hold != RunHold::none;
}

RunState stateOf(RunOutcome outcome) {
    switch (outcome) {
        case RunOutcome::succeeded:
            return RunState::succeeded;
        case RunOutcome::warnings:
            return RunState::warnings;
        case RunOutcome::cancelled:
            return RunState::cancelled;
        default:
            return RunState::failed;
    }
}

// Of an attempt that can go on later.
RunState interrupted(const RunStand& stand, bool goOn) {
    if (stand.cancelling) return RunState::cancelled;
    if (isHeld(stand)) return RunState::parked;
    if (!goOn) return RunState::failed;
    return stand.state == RunState::running ? RunState::queued : stand.state;
}

bool isActive(const RunStand& stand) {
    return !isWorkOver(stand.state);
}

// The result of an attempt may be here before the answer to its order: then it waits for another.
bool awaitsAnswer(const RunStand& stand, std::uint32_t attempt) {
    return stand.state == RunState::queued && stand.attempt == attempt && !stand.resultTaken;
}

// What is at work is asked to stop first.
RunStand held(RunStand stand, RunHold hold) {
    if (stand.state != RunState::running) stand.state = RunState::parked;
    stand.hold = hold;
    return stand;
}

// Its worker was asked to stop, so what comes of that attempt says nothing any more.
RunStand released(RunStand stand, bool agentAttached) {
    stand.hold = RunHold::none;
    stand.resultTaken = stand.resultTaken || stand.attempt > 0;
    return in(stand, agentAttached ? RunState::waiting : RunState::parked);
}

}  // namespace

std::string_view nameOf(RunState state) {
    return stateNames.at(static_cast<std::size_t>(state));
}

RunState runStateOf(std::string_view name) {
    const auto found = std::ranges::find(stateNames, name);
    if (found == stateNames.end()) {
        throw Error(ErrorCode::corrupt, "no state of a run: " + printable(name.substr(0, 40)));
    }
    return static_cast<RunState>(found - stateNames.begin());
}

std::string_view nameOf(RunHold hold) {
    return holdNames.at(static_cast<std::size_t>(hold));
}

RunHold runHoldOf(std::string_view name) {
    const auto found = std::ranges::find(holdNames, name);
    if (found == holdNames.end()) {
        throw Error(ErrorCode::corrupt, "no hold of a run: " + printable(name.substr(0, 40)));
    }
    return static_cast<RunHold>(found - holdNames.begin());
}

bool hasEnded(RunState state) {
    return state >= RunState::succeeded;
}

bool wentWell(RunState state) {
    return state == RunState::succeeded || state == RunState::warnings;
}

bool isWorkOver(RunState state) {
    return state >= RunState::verifying;
}

RunOutcome runOutcomeOf(std::string_view name) {
    const auto found = std::ranges::find(outcomeNames, name);
    if (found == outcomeNames.end()) {
        throw Error(ErrorCode::invalidArgument,
                    "no outcome of a run: " + printable(name.substr(0, 40)));
    }
    return static_cast<RunOutcome>(found - outcomeNames.begin());
}

RunStand slotGiven(RunStand stand) {
    return stand.state == RunState::waiting ? in(stand, RunState::queued) : stand;
}

RunStand ordering(RunStand stand) {
    if (stand.state != RunState::queued) {
        throw Error(ErrorCode::conflict, "only a queued run is ordered");
    }
    ++stand.attempt;
    stand.resultTaken = false;
    return stand;
}

RunStand orderTaken(RunStand stand, std::uint32_t attempt) {
    if (!awaitsAnswer(stand, attempt)) return stand;
    return in(stand, RunState::running);
}

RunStand orderRefused(RunStand stand, std::uint32_t attempt) {
    if (!awaitsAnswer(stand, attempt)) return stand;
    return in(stand, RunState::failed);
}

RunStand agentAway(RunStand stand) {
    if (!isActive(stand)) return stand;
    return in(stand, stand.cancelling ? RunState::cancelled : RunState::parked);
}

RunStand agentBack(RunStand stand, AgentWord word) {
    if (!isActive(stand)) return stand;
    if (word != AgentWord::nothing) return in(stand, RunState::running);
    if (stand.cancelling) return in(stand, RunState::cancelled);
    if (isHeld(stand)) return in(stand, RunState::parked);
    // What has a slot keeps it.
    const bool hasSlot = stand.state == RunState::queued || stand.state == RunState::running;
    if (hasSlot) return in(stand, RunState::queued);
    stand.resultTaken = stand.resultTaken || stand.attempt > 0;  // the attempt is lost, once
    return in(stand, RunState::waiting);
}

RunStand agentRevoked(RunStand stand) {
    return isActive(stand) ? in(stand, RunState::failed) : stand;
}

RunStand resultCame(RunStand stand, std::uint32_t attempt, RunOutcome outcome, bool goOn) {
    if (attempt == 0 || stand.attempt != attempt || stand.resultTaken) return stand;
    stand.resultTaken = true;
    // It was given up before: what has been said stays said.
    if (!isActive(stand)) return stand;
    if (outcome == RunOutcome::interrupted) return in(stand, interrupted(stand, goOn));
    const bool isPause = isHeld(stand) && !stand.cancelling;
    if (outcome == RunOutcome::cancelled && isPause) return in(stand, RunState::parked);
    return in(stand, stateOf(outcome));
}

RunStand proofAwaited(RunStand stand) {
    if (!wentWell(stand.state)) return stand;
    const RunState done = stand.state;
    stand = in(stand, RunState::verifying);
    stand.done = done;
    return stand;
}

RunStand proofCame(RunStand stand, RunProof proof) {
    if (stand.state != RunState::verifying) return stand;
    switch (proof) {
        case RunProof::sound:
            return in(stand, stand.done);
        case RunProof::unknown:
            return in(stand, RunState::warnings);
        case RunProof::damaged:
            return in(stand, RunState::failed);
    }
    return stand;
}

RunStand cancelAsked(RunStand stand) {
    if (stand.state == RunState::verifying) return proofCame(stand, RunProof::unknown);
    if (!isActive(stand)) {
        throw Error(ErrorCode::conflict,
                    "the run has ended already: it " +
                        std::string(stand.state == RunState::warnings    ? "ended with warnings"
                                    : stand.state == RunState::cancelled ? "was cancelled"
                                                                         : nameOf(stand.state)));
    }
    if (stand.state != RunState::running) return in(stand, RunState::cancelled);
    stand.cancelling = true;
    stand.hold = RunHold::none;
    return stand;
}

RunStand pauseAsked(RunStand stand) {
    if (stand.state == RunState::verifying) {
        throw Error(ErrorCode::conflict, "the run has committed: it needs its agent no more");
    }
    if (!isActive(stand)) throw Error(ErrorCode::conflict, "the run has ended already");
    if (stand.cancelling) throw Error(ErrorCode::conflict, "the run is being cancelled");
    return held(stand, RunHold::user);
}

RunStand windowClosed(RunStand stand) {
    const bool atWork = stand.state == RunState::queued || stand.state == RunState::running;
    if (!atWork || stand.cancelling || isHeld(stand)) return stand;
    return held(stand, RunHold::window);
}

RunStand windowOpened(RunStand stand, bool agentAttached) {
    if (stand.state != RunState::parked || stand.hold != RunHold::window) return stand;
    return released(stand, agentAttached);
}

RunStand stopOverdue(RunStand stand) {
    if (!isActive(stand)) return stand;
    if (stand.cancelling) return in(stand, RunState::cancelled);
    return isHeld(stand) ? in(stand, RunState::parked) : stand;
}

RunStand resumeAsked(RunStand stand, bool agentAttached) {
    if (stand.state == RunState::verifying) {
        throw Error(ErrorCode::conflict, "the run has not ended, and is not paused");
    }
    if (isActive(stand)) {
        if (stand.hold == RunHold::none) {
            throw Error(ErrorCode::conflict, "the run has not ended, and is not paused");
        }
        if (stand.state == RunState::running) {
            throw Error(ErrorCode::conflict, "the run is still stopping: resume it when it has");
        }
        if (stand.hold == RunHold::window) {
            throw Error(ErrorCode::conflict, "the run goes on by itself when its window opens");
        }
        return released(stand, agentAttached);
    }
    if (stand.state != RunState::failed && stand.state != RunState::cancelled) {
        throw Error(ErrorCode::conflict, "the run is done: there is nothing to go on with");
    }
    stand.serverLosses = 0;
    return in(stand, agentAttached ? RunState::waiting : RunState::parked);
}

RunStand serverBegan(RunStand stand) {
    return agentAway(stand);
}

RunStand serverJobLost(RunStand stand) {
    if (stand.state == RunState::queued) return in(stand, RunState::waiting);
    if (stand.state != RunState::running) return stand;
    if (stand.cancelling) return in(stand, RunState::cancelled);
    if (isHeld(stand)) return in(stand, RunState::parked);
    ++stand.serverLosses;
    return in(stand, stand.serverLosses < mostServerLosses ? RunState::waiting : RunState::failed);
}

}  // namespace coffer
