#pragma once

#include <cstdint>
#include <string_view>

namespace coffer {

/// Where a run is between its order and its end.
enum class RunState {
    waiting,    // for a slot, or for its window to open
    queued,     // it has a slot: its agent, or a thread of the server, is going to take it
    running,    // it has been taken
    parked,     // its agent is away, or it is held back; what it has stored is kept
    verifying,  // a backup that has committed: what its snapshot counts on is being verified
    succeeded,
    warnings,  // done, with problems of single entries
    failed,
    cancelled
};
std::string_view nameOf(RunState state);

/// Inverse of nameOf. Throws Error(corrupt): only the database says such names.
RunState runStateOf(std::string_view name);

bool hasEnded(RunState state);

/// Whether it is done, with problems of single entries or without.
bool wentWell(RunState state);

/// Whether nobody works on it any more, though it may not have ended.
bool isWorkOver(RunState state);

/// What an attempt came to; `interrupted` is no end, the run can go on from where it was.
enum class RunOutcome { succeeded, warnings, failed, cancelled, interrupted };

/// Of a word of RunResult. Throws Error(invalidArgument).
RunOutcome runOutcomeOf(std::string_view name);

/// Why a run is parked, or is to be as soon as it has stopped, though its agent is there.
enum class RunHold {
    none,
    user,   // somebody has paused it
    window  // its window has closed
};
std::string_view nameOf(RunHold hold);

/// Inverse of nameOf. Throws Error(corrupt).
RunHold runHoldOf(std::string_view name);

/// Where a run stands: all that decides what may become of it.
struct RunStand {
    RunState state = RunState::waiting;
    std::uint32_t attempt = 0;       // number of the last order; 0 before the first
    bool cancelling = false;         // while running: somebody wants it to stop
    bool resultTaken = false;        // what comes of the last attempt is known, or does not matter
    RunHold hold = RunHold::none;    // while running or parked
    std::uint32_t serverLosses = 0;  // of a job of the server: how often the server has ended in it
    RunState done = RunState::succeeded;  // while verifying: how it ends when all is sound

    bool operator==(const RunStand&) const = default;
};

/// What an agent says of a run when it attaches.
enum class AgentWord {
    works,      // its worker of this very attempt is alive
    hasResult,  // a result is about to come
    nothing     // it does not know of the run
};

// The steps of a run: each gives where it stands afterwards and does nothing else. One that comes
// too late, or from an attempt that is not the last, changes nothing. docs/runs.md has the
// table.

/// It has got a slot. Nothing but a waiting run is moved.
RunStand slotGiven(RunStand stand);

/// An order is about to be sent. Throws Error(conflict) unless queued.
RunStand ordering(RunStand stand);

/// The order was taken, or will never be.
RunStand orderTaken(RunStand stand, std::uint32_t attempt);
RunStand orderRefused(RunStand stand, std::uint32_t attempt);

RunStand agentAway(RunStand stand);
RunStand agentBack(RunStand stand, AgentWord word);
RunStand agentRevoked(RunStand stand);

/// `goOn` says whether an interrupted run is to be tried once more.
RunStand resultCame(RunStand stand, std::uint32_t attempt, RunOutcome outcome, bool goOn);

/// What came of the verification of what a backup's snapshot counts on.
enum class RunProof { sound, unknown, damaged };

/// A backup that has just ended well has packs that nobody has verified yet: it ends by
/// proofCame. Any other stays as it is.
RunStand proofAwaited(RunStand stand);

/// As it ended if it is sound, failed if it is damaged, with warnings when nobody knows.
RunStand proofCame(RunStand stand, RunProof proof);

/// Somebody wants it to stop. What has committed stays and counts as not verified. Throws
/// Error(conflict) when it has ended.
RunStand cancelAsked(RunStand stand);

/// Somebody wants it to stop for a while. Throws Error(conflict) when it has ended or committed, or
/// is being cancelled.
RunStand pauseAsked(RunStand stand);

/// Its window has closed: what is at work, or about to be, stops until windowOpened.
RunStand windowClosed(RunStand stand);
RunStand windowOpened(RunStand stand, bool agentAttached);

/// It was asked to stop, for good or for a while, and nothing has been heard for too long.
RunStand stopOverdue(RunStand stand);

/// Somebody wants it to go on. Throws Error(conflict) unless it failed, was cancelled or is paused.
RunStand resumeAsked(RunStand stand, bool agentAttached);

/// The server has begun, and nobody is attached yet.
RunStand serverBegan(RunStand stand);

/// The same for a job of the server itself, which ended with it: it is done again, but not when the
/// server has ended in so many attempts, which may be its fault.
RunStand serverJobLost(RunStand stand);
constexpr std::uint32_t mostServerLosses = 3;

}  // namespace coffer
