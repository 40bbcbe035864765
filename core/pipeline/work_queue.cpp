#include "core/pipeline/work_queue.h"

namespace coffer {

void WorkQueue::push(Job job) {
    state_.change([&](State& state) { state.folders.push_back(std::move(job)); });
}

bool WorkQueue::offer(Job& job) {
    if (state_.with([](State& state) { return state.idle <= state.blocks.size(); })) return false;
    state_.change([&](State& state) { state.blocks.push_back(std::move(job)); });
    return true;
}

void WorkQueue::work(BackupWorker& worker) {
    while (true) {
        state_.with([](State& state) { ++state.idle; });
        Job job = state_.when(
            [](const State& state) {
                return state.over() || !state.blocks.empty() || !state.folders.empty();
            },
            [](State& state) -> Job {
                --state.idle;
                if (state.over()) return {};
                ++state.running;
                Job next;
                if (!state.blocks.empty()) {
                    next = std::move(state.blocks.front());
                    state.blocks.pop_front();
                } else {
                    next = std::move(state.folders.back());
                    state.folders.pop_back();
                }
                return next;
            });
        if (!job) return;
        job(worker);
        job = {};
        state_.change([](State& state) { --state.running; });
    }
}

void WorkQueue::stop() {
    state_.change([](State& state) { state.stopped = true; });
}

}  // namespace coffer
