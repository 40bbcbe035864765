#include "core/base/steady_clock.h"

#include <chrono>

namespace coffer {

Timestamp SteadyClock::now() const {
    const auto passed = std::chrono::steady_clock::now().time_since_epoch();
    return Timestamp{} + std::chrono::duration_cast<std::chrono::nanoseconds>(passed).count();
}

}  // namespace coffer
