#include "management_server/runs/run_queue_entry.h"

#include "management_server/runs/sync_choice.h"

namespace coffer {

namespace {

// Nothing for one that neither wants a slot nor has one.
std::optional<RunQueue::Standing> standingOf(const RunStand& stand) {
    switch (stand.state) {
        case RunState::waiting:
            return RunQueue::Standing::waiting;
        case RunState::queued:
            return RunQueue::Standing::atWork;
        case RunState::running:
            if (stand.cancelling || stand.hold != RunHold::none) {
                return RunQueue::Standing::stopping;
            }
            return RunQueue::Standing::atWork;
        case RunState::parked:
            if (stand.hold == RunHold::window) return RunQueue::Standing::asleep;
            return {};
        default:
            return {};
    }
}

}  // namespace

RunLane laneOf(const RunRecord& run) {
    return {run.agent, run.repository, run.window, run.window.empty() ? "" : run.zone,
            folderUsesOf(run)};
}

void enterInQueue(RunQueue& queue, const RunRecord& run) {
    const auto standing = standingOf(run.stand);
    standing ? queue.put(run.number, *standing, run.priority, laneOf(run))
             : queue.remove(run.number);
}

}  // namespace coffer
