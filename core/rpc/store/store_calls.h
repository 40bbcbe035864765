#pragma once

#include <functional>

#include "core/base/cancel.h"
#include "core/rpc/failure.h"

namespace coffer::rpc {

/// How the client side of a store makes its calls. All of them are safe to repeat, and are, while
/// the server cannot be reached or asks to come back later.
struct StoreCalls {
    const CancelToken& cancel;  // outlives the session
    RetryPolicy retry{};

    /// Called before each pause, for progress; by several threads.
    std::function<void(const Error&)> waiting{};

    /// Runs `work`, which makes a call, with `doing` in front of the trail of what goes wrong. What
    /// the rest of the run cannot be done without ends it (Error::endsRun): the server is out of
    /// reach for too long, the session is gone, calls are refused.
    void operator()(const char* doing, const std::function<void()>& work) const;
};

/// Throws Error(corrupt) when an answer makes no sense.
void checkAnswer(bool good);

}  // namespace coffer::rpc
