#include "core/repository/running_work.h"

#include <utility>

#include "core/base/error.h"

namespace coffer {

namespace {
constexpr std::uint32_t comeBackMs = 100;
}

RunningWork::Arrival::Arrival(RunningWork& work, std::string name)
    : work_(work), name_(std::move(name)) {
    work_.state_.with([&](State& state) {
        if (state.arriving.contains(name_)) {
            throw Error(ErrorCode::busy, name_ + " is arriving already").withRetryAfter(comeBackMs);
        }
        state.arriving.insert(name_);
    });
}

RunningWork::Arrival::~Arrival() {
    work_.state_.with([&](State& state) { state.arriving.erase(state.arriving.find(name_)); });
}

bool RunningWork::isArriving(const std::string& name) const {
    return state_.with([&](const State& state) { return state.arriving.contains(name); });
}

RunningWork::Pin::Pin(RunningWork& work, const ChunkId& root) : work_(work), root_(root) {
    work_.state_.with([&](State& state) { state.pins.insert(root_); });
}

RunningWork::Pin::~Pin() {
    work_.state_.with([&](State& state) { state.pins.erase(state.pins.find(root_)); });
}

std::vector<ChunkId> RunningWork::pinned() const {
    return state_.with(
        [](const State& state) { return std::vector(state.pins.begin(), state.pins.end()); });
}

RunningWork::Prune::Prune(RunningWork& work) : work_(work) {
    work_.state_.with([](State& state) {
        if (std::exchange(state.pruning, true)) {
            throw Error(ErrorCode::busy, "the repository is being pruned already");
        }
    });
}

RunningWork::Prune::~Prune() {
    work_.state_.with([](State& state) { state.pruning = false; });
}

}  // namespace coffer
