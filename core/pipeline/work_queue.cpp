#include "core/pipeline/work_queue.h"

namespace coffer {

void WorkQueue::push(Job job) {
    state_.change([&](State& state) { state.folders.push_back(std::move(job)); });
}

bool WorkQueue::wantsBlock() const {
    return state_.with([](const State& state) { return state.idle > state.blocks.size(); });
}

bool WorkQueue::offer(Job& job) {
    if (!wantsBlock()) return false;
    state_.change([&](State& state) { state.blocks.push_back(std::move(job)); });
    return true;
}

void WorkQueue::work(BackupWorker& worker, const Job& before) {
    while (Job job = waitForOne()) {
        while (job) {
            job(worker);
            job = takeOne();
            if (job || isStopped()) continue;
            before(worker);
            job = takeOne();
        }
        state_.change([](State& state) { --state.running; });
    }
}

// The next job for a worker that does nothing; none when all is over. Counts it among the running.
WorkQueue::Job WorkQueue::waitForOne() {
    state_.with([](State& state) { ++state.idle; });
    return state_.when([](const State& state) { return state.over() || !state.isEmpty(); },
                       [](State& state) -> Job {
                           --state.idle;
                           if (state.over()) return {};
                           ++state.running;
                           return state.take();
                       });
}

// Another job for one that runs, if there is one.
WorkQueue::Job WorkQueue::takeOne() {
    return state_.with([](State& state) -> Job {
        if (state.stopped || state.isEmpty()) return {};
        return state.take();
    });
}

bool WorkQueue::isStopped() const {
    return state_.with([](const State& state) { return state.stopped; });
}

WorkQueue::Job WorkQueue::State::take() {
    Job next;
    if (!blocks.empty()) {
        next = std::move(blocks.front());
        blocks.pop_front();
    } else {
        next = std::move(folders.back());
        folders.pop_back();
    }
    return next;
}

void WorkQueue::stop() {
    state_.change([](State& state) { state.stopped = true; });
}

}  // namespace coffer
