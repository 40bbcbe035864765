#include "core/base/background_work.h"

#include <utility>

namespace coffer {

BackgroundWork::~BackgroundWork() {
    state_.change([](State& state) { state.stopping = true; });
}

void BackgroundWork::start() {
    started_ = true;
    thread_.start([this] {
        if (haste_ == Haste::afterOthers) letOthersGoFirst();
        const auto wake = [](const State& state) { return state.asked || state.stopping; };
        const auto begin = [](State& state) {
            state.working = std::exchange(state.asked, false) && !state.stopping;
            return state.working;
        };
        while (state_.when(wake, begin)) {
            attempt(work_);
            state_.change([](State& state) { state.working = false; });
        }
    });
}

void BackgroundWork::ask() {
    state_.change([](State& state) { state.asked = true; });
}

void BackgroundWork::stop(const std::function<void()>& rest) {
    if (!std::exchange(started_, false)) return;
    state_.change([](State& state) { state.stopping = true; });
    thread_.join();
    state_.with([](State& state) { state = {}; });
    attempt(rest);
}

bool BackgroundWork::isStopping() const {
    return state_.with([](const State& state) { return state.stopping; });
}

void BackgroundWork::settle() {
    state_.when(
        [](const State& state) { return state.stopping || !(state.asked || state.working); },
        [](State&) {});
}

void BackgroundWork::attempt(const std::function<void()>& work) const {
    try {
        work();
    } catch (const std::exception& error) {
        failed_(error);
    }
}

}  // namespace coffer
