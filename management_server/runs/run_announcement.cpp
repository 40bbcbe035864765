#include "management_server/runs/run_announcement.h"

namespace coffer {

namespace {

std::string attemptText(const RunRecord& run) {
    return run.stand.attempt > 1 ? ", attempt " + std::to_string(run.stand.attempt) : "";
}

std::string because(const RunRecord& run) {
    return run.message.empty() ? "" : ": " + run.message;
}

}  // namespace

RunAnnouncement announcementOf(const std::optional<RunStand>& before, const RunRecord& run) {
    const RunState now = run.stand.state;
    if (!before) return {"run-ordered", "ordered by " + run.user};
    if (hasEnded(now)) {
        if (hasEnded(before->state)) return {};
        return {"run-ended", std::string(nameOf(now)) + because(run)};
    }
    // Also while it was asked to stop for a while: that has come to nothing.
    if (now == RunState::verifying && before->state != now) {
        return {"run-committed", "committed, and is being verified" + because(run)};
    }
    const bool isReleased = before->hold != RunHold::none && run.stand.hold == RunHold::none;
    if (hasEnded(before->state) || (isReleased && !run.stand.cancelling)) {
        return {"run-resumed", "is to go on"};
    }
    if (run.stand.cancelling && !before->cancelling) {
        return {"run-cancelling", "asked to stop" + because(run)};
    }
    if (before->hold != run.stand.hold) {
        if (now == RunState::parked) return {"run-parked", "waits" + because(run)};
        return {"run-parking", "asked to stop for a while" + because(run)};
    }
    if (before->state == now) return {};
    if (now == RunState::parked) return {"run-parked", "waits" + because(run)};
    if (now == RunState::running) return {"run-started", "at work" + attemptText(run)};
    if (before->state == RunState::running)
        return {"run-interrupted", "is to go on" + because(run)};
    return {};
}

}  // namespace coffer
