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
constexpr std::array<std::string_view, 7> stateNames = {
    "queued", "running", "parked", "succeeded", "warnings", "failed", "cancelled"};
constexpr std::array<std::string_view, 5> outcomeNames = {"succeeded", "warnings", "failed",
                                                          "cancelled", "interrupted"};

RunStand in(RunStand stand, RunState state) {
    stand.state = state;
    stand.cancelling = stand.cancelling && state == RunState::running;
    return stand;
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
    if (!goOn) return RunState::failed;
    return stand.state == RunState::parked ? RunState::parked : RunState::queued;
}

bool isActive(const RunStand& stand) {
    return !hasEnded(stand.state);
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

bool hasEnded(RunState state) {
    return state >= RunState::succeeded;
}

RunOutcome runOutcomeOf(std::string_view name) {
    const auto found = std::ranges::find(outcomeNames, name);
    if (found == outcomeNames.end()) {
        throw Error(ErrorCode::invalidArgument,
                    "no outcome of a run: " + printable(name.substr(0, 40)));
    }
    return static_cast<RunOutcome>(found - outcomeNames.begin());
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
    if (stand.state != RunState::queued || stand.attempt != attempt) return stand;
    return in(stand, RunState::running);
}

RunStand orderRefused(RunStand stand, std::uint32_t attempt) {
    if (stand.state != RunState::queued || stand.attempt != attempt) return stand;
    return in(stand, RunState::failed);
}

RunStand agentAway(RunStand stand) {
    if (!isActive(stand)) return stand;
    return in(stand, stand.cancelling ? RunState::cancelled : RunState::parked);
}

RunStand agentBack(RunStand stand, AgentWord word) {
    if (!isActive(stand)) return stand;
    if (word != AgentWord::nothing) return in(stand, RunState::running);
    return in(stand, stand.cancelling ? RunState::cancelled : RunState::queued);
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
    return in(stand, stateOf(outcome));
}

RunStand cancelAsked(RunStand stand) {
    if (!isActive(stand)) {
        throw Error(ErrorCode::conflict,
                    "the run has ended already: it " +
                        std::string(stand.state == RunState::warnings    ? "ended with warnings"
                                    : stand.state == RunState::cancelled ? "was cancelled"
                                                                         : nameOf(stand.state)));
    }
    if (stand.state != RunState::running) return in(stand, RunState::cancelled);
    stand.cancelling = true;
    return stand;
}

RunStand cancelOverdue(RunStand stand) {
    if (!isActive(stand) || !stand.cancelling) return stand;
    return in(stand, RunState::cancelled);
}

RunStand resumeAsked(RunStand stand, bool agentAttached) {
    if (isActive(stand)) throw Error(ErrorCode::conflict, "the run has not ended");
    if (stand.state != RunState::failed && stand.state != RunState::cancelled) {
        throw Error(ErrorCode::conflict, "the run is done: there is nothing to go on with");
    }
    return in(stand, agentAttached ? RunState::queued : RunState::parked);
}

RunStand serverBegan(RunStand stand) {
    return agentAway(stand);
}

RunStand serverJobLost(RunStand stand) {
    if (stand.state != RunState::running) return stand;
    if (stand.cancelling) return in(stand, RunState::cancelled);
    return in(stand, stand.attempt < mostServerAttempts ? RunState::queued : RunState::failed);
}

}  // namespace coffer
