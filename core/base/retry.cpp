#include "core/base/retry.h"

#include <algorithm>

namespace coffer {

bool mayPass(const Error& error) {
    return error.retryAfter() > 0 || error.code() == ErrorCode::unavailable ||
           error.code() == ErrorCode::busy || error.code() == ErrorCode::ioError;
}

void Retry::pauseAfter(unsigned attempt, const Error& error) const {
    std::chrono::milliseconds time = policy_.firstPause;
    for (unsigned i = 1; i < attempt && time < policy_.longestPause; ++i) time *= 2;
    time = std::max(time, std::chrono::milliseconds(error.retryAfter()));
    pause_(std::min(time, policy_.longestPause));
}

}  // namespace coffer
