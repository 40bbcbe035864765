#include "core/pipeline/write_behind.h"

#include "core/base/error.h"

namespace coffer {

namespace {
constexpr std::uint64_t batch = 96U << 20;  // octets written between two syncs
}

WriteBehind::WriteBehind(RestoreTarget& target) {
    thread_.start([this, &target] { work(target); });
}

WriteBehind::~WriteBehind() {
    state_.change([](State& state) { state.stopped = true; });
}

void WriteBehind::wrote(std::uint64_t octets) {
    const bool due = state_.with([&](State& state) {
        state.unwritten += octets;
        return state.unwritten >= batch;
    });
    if (due) state_.change([](State&) {});
}

void WriteBehind::work(RestoreTarget& target) {
    while (true) {
        const bool stopped = state_.when(
            [](const State& state) { return state.stopped || state.unwritten >= batch; },
            [](State& state) {
                state.unwritten = 0;
                return state.stopped;
            });
        if (stopped) return;
        try {
            target.sync();
        } catch (const Error&) {
            return;  // comes up again at the end
        }
    }
}

}  // namespace coffer
