#include "core/rpc/store/keep_alive.h"

#include <utility>

#include "core/base/error.h"

namespace coffer::rpc {

KeepAlive::KeepAlive(std::function<void()> work, std::chrono::milliseconds every)
    : work_(std::move(work)) {
    thread_.start([this, every] { run(every); });
}

KeepAlive::~KeepAlive() {
    stop_.change([](bool& stop) { stop = true; });
    thread_.join();
}

void KeepAlive::run(std::chrono::milliseconds every) {
    const auto stopped = [](const bool& stop) { return stop; };
    while (!stop_.whenOrAt(std::chrono::steady_clock::now() + every, stopped, stopped)) {
        try {
            work_();
        } catch (const Error&) {
            // The next call of the run will meet it too.
        }
    }
}

}  // namespace coffer::rpc
