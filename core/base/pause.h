#pragma once

#include <chrono>
#include <functional>

#include "core/base/cancel.h"

namespace coffer {

/// Waits for so long; injected so that tests need not. Safe to share between threads. May throw
/// Error(cancelled).
using Pause = std::function<void(std::chrono::nanoseconds)>;

/// Sleeps; a request to stop ends it with Error(cancelled) within a tenth of a second. `cancel`
/// outlives it.
Pause pauseUnless(const CancelToken& cancel);

}  // namespace coffer
