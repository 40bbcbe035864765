#include "core/base/pause.h"

#include <algorithm>
#include <thread>

namespace coffer {

Pause pauseUnless(const CancelToken& cancel) {
    return [&cancel](std::chrono::nanoseconds time) {
        using Steady = std::chrono::steady_clock;
        constexpr Steady::duration lookAround = std::chrono::milliseconds(100);
        const Steady::time_point end = Steady::now() + time;
        for (;;) {
            cancel.check();
            const Steady::duration rest = end - Steady::now();
            if (rest <= Steady::duration::zero()) return;
            std::this_thread::sleep_for(std::min(rest, lookAround));
        }
    };
}

}  // namespace coffer
